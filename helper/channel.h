/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the supervisor and main say to each other: one word, one number, and sometimes a
 * descriptor, over a SOCK_SEQPACKET pair. The supervisor parses nothing else.
 */
#ifndef NETFENCE_CHANNEL_H
#define NETFENCE_CHANNEL_H

#include <stdint.h>

enum channel_word {
	/* main to supervisor */
	CHANNEL_READY = 1,    /* serving; tell the service manager */
	CHANNEL_KILL_ENGINES, /* they do not answer */
	CHANNEL_KILL_RESOLVER,
	CHANNEL_KEEP, /* number: enum kept; the descriptor: a sealed memfd, the file's new contents
		       */
	CHANNEL_FORGET,      /* number: enum kept; the file is to go */
	CHANNEL_NEW_LOCK,    /* the lock's path names another file now: start all of us again */
	CHANNEL_NEED_FOLDER, /* number: enum channel_folder; it has gone */
	CHANNEL_NEED_LOG,    /* number: a group of netlink's log */
	CHANNEL_LOAD, /* number: enum settings_engine; the kernel modules for it → LOADED */
	/* supervisor to main */
	CHANNEL_ENGINE,   /* number: the family; the descriptor: the new engine's socket */
	CHANNEL_REAPER,   /* the descriptor: the new reaper's socket */
	CHANNEL_FOLDER,   /* number: enum channel_folder; the descriptor: a new one */
	CHANNEL_RESOLVER, /* the same of the resolver's */
	CHANNEL_WINDOW,   /* the same of the window's */
	CHANNEL_LOG,      /* the descriptor: a socket bound to that group; number: 0, or the errno
			   * for which there is none */
	CHANNEL_LOADED,   /* as far as they could be */
	CHANNEL_RELOAD    /* SIGHUP */
};

/* Folders of main's in the run folder. */
enum channel_folder { CHANNEL_RECORDS, CHANNEL_DENIALS, CHANNEL_FOLDERS };

struct channel_message {
	uint32_t word;
	uint32_t number;
};

/*
 * The commit under way, and what main would say if it could: in memory that supervisor, main and
 * engines share. A word for each commit would wake the supervisor while a login waits, engines
 * would have to wait for one another by way of main, and who ends may not get to say anything.
 * since_ms  since when the lock may be held, of wire_clock_ms(), or 0; main's to say
 * missing   engines by which it is not in force yet: main says how many, and each takes itself off
 * unlogged  lines that would be lost if main ended now, since the log has not taken them
 */
struct channel_batch {
	_Atomic int64_t since_ms;
	_Atomic uint32_t missing;
	_Atomic uint64_t unlogged;
};

/* NULL where there is no memory. Shared with whoever is forked from then on, until they free it. */
struct channel_batch *channel_new_batch(void);
void channel_free_batch(struct channel_batch *batch);

/* fd: passed along, and still the caller's; -1 for none. 0 or -errno. */
int channel_send(int channel, enum channel_word word, uint32_t number, int fd);

/* 1 with a message, *fd (or -1) the caller's to close; 0: the other end is gone; -EAGAIN: nothing
 * there (channel non-blocking); -EPROTO; others as recvmsg(2) has them. */
int channel_receive(int channel, struct channel_message *message, int *fd);

#endif
