/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * To be preloaded into netfenced: makes memory, fork(2), descriptors, sock_diag(7) or iptables'
 * tables fail in one of its processes, when tests/lib/faults.py says so. What is to fail stands in
 * the file that $FAULTS names, mapped by all of them, so that it can be changed while they run.
 * With $FAULTS_TRACE, where a call failed goes to standard error.
 */
/* Before the kernel's headers, which then leave its definitions alone. */
#include <netinet/in.h>

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The older request of inet_diag for TCP of both families. */
#define TCPDIAG 18

/* struct inet_diag_req_v2, linux/inet_diag.h. */
#define REQUEST_SIZE 56

/* A protocol that no kernel has a module for. */
#define NO_PROTOCOL 253

/* Offset of sdiag_protocol in struct inet_diag_req_v2, behind the message's header. */
#define AT_PROTOCOL (NLMSG_HDRLEN + 1)

enum { NOTHING, MEMORY, FORK, DIAG_SOCKET, DIAG_PROTOCOL, DESCRIPTOR, TABLES };

/* As faults.py writes it. */
static struct fault {
	char process[16]; /* as prctl(PR_SET_NAME) has it; "*" is each */
	uint32_t what;
	uint32_t not_pid; /* that process is spared */
	uint64_t first;   /* which calls fail, counted from 1 … */
	uint64_t last;    /* … up to this one … */
	uint64_t every;   /* … and each so-manyth; 0: none of these */
	uint64_t counted; /* ours */
	uint64_t failed;  /* ours */
} * fault;

static char own_name[17];
static bool tracing;

/* glibc's own, which need no looking up: dlsym(3) allocates. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
pid_t __fork(void);

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("FAULTS");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *mapped;

	tracing = getenv("FAULTS_TRACE") && backtrace(&mapped, 1); /* its first call allocates */
	prctl(PR_GET_NAME, own_name, 0, 0, 0);
	if (fd < 0)
		return;
	mapped = mmap(NULL, sizeof(*fault), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (mapped != MAP_FAILED)
		fault = mapped;
}

static void
trace(void)
{
	void *frames[16];

	backtrace_symbols_fd(frames, backtrace(frames, 16), STDERR_FILENO);
}

static bool
fails(uint32_t what)
{
	uint64_t number;

	if (!fault || __atomic_load_n(&fault->what, __ATOMIC_ACQUIRE) != what ||
	    (strcmp(fault->process, own_name) && strcmp(fault->process, "*")) ||
	    (uint32_t)getpid() == fault->not_pid)
		return false;
	number = __atomic_add_fetch(&fault->counted, 1, __ATOMIC_RELAXED);
	if ((number < fault->first || number > fault->last) &&
	    (!fault->every || number % fault->every))
		return false;
	__atomic_add_fetch(&fault->failed, 1, __ATOMIC_RELAXED);
	if (tracing)
		trace();
	return true;
}

void *
malloc(size_t size)
{
	if (!fails(MEMORY))
		return __libc_malloc(size);
	errno = ENOMEM;
	return NULL;
}

void *
calloc(size_t n, size_t size)
{
	if (!fails(MEMORY))
		return __libc_calloc(n, size);
	errno = ENOMEM;
	return NULL;
}

void *
realloc(void *old, size_t size)
{
	if (!fails(MEMORY))
		return __libc_realloc(old, size);
	errno = ENOMEM;
	return NULL;
}

pid_t
fork(void)
{
	if (!fails(FORK))
		return __fork();
	errno = EAGAIN;
	return -1;
}

int
accept4(int sock, struct sockaddr *address, socklen_t *length, int flags)
{
	if (!fails(DESCRIPTOR))
		return (int)syscall(SYS_accept4, sock, address, length, flags);
	errno = EMFILE;
	return -1;
}

int
openat(int folder, const char *path, int flags, ...)
{
	mode_t mode;
	va_list list;

	va_start(list, flags);
	mode = va_arg(list, mode_t);
	va_end(list);
	if (!fails(DESCRIPTOR))
		return (int)syscall(SYS_openat, folder, path, flags, mode);
	errno = EMFILE;
	return -1;
}

/* Its processes are told apart by their names. */
int
prctl(int option, ...)
{
	unsigned long words[4];
	va_list list;
	int i;

	va_start(list, option);
	for (i = 0; i < 4; i++)
		words[i] = va_arg(list, unsigned long);
	va_end(list);
	if (option == PR_SET_NAME)
		strncpy(own_name, (const char *)words[0], sizeof(own_name) - 2);
	return (int)syscall(SYS_prctl, option, words[0], words[1], words[2], words[3]);
}

int
socket(int domain, int type, int protocol)
{
	if (domain == AF_NETLINK && protocol == NETLINK_SOCK_DIAG && fails(DIAG_SOCKET)) {
		errno = EPROTONOSUPPORT;
		return -1;
	}
	return (int)syscall(SYS_socket, domain, type, protocol);
}

/* As a kernel without ip_tables and ip6_tables. */
int
getsockopt(int sock, int level, int option, void *value, socklen_t *length)
{
	if ((level == IPPROTO_IP || level == IPPROTO_IPV6) && option >= IPT_BASE_CTL &&
	    option <= IPT_BASE_CTL + 3 && fails(TABLES)) {
		errno = ENOPROTOOPT;
		return -1;
	}
	return (int)syscall(SYS_getsockopt, sock, level, option, value, length);
}

/* As without tcp_diag and udp_diag: the kernel itself says what it says of a missing one. */
ssize_t
sendto(int sock, const void *data, size_t size, int flags, const struct sockaddr *address,
    socklen_t length)
{
	union {
		struct nlmsghdr header;
		unsigned char bytes[512];
	} changed;

	if (address && address->sa_family == AF_NETLINK && size > AT_PROTOCOL &&
	    size <= sizeof(changed)) {
		memcpy(&changed, data, size);
		if ((changed.header.nlmsg_type == TCPDIAG ||
			changed.header.nlmsg_type == SOCK_DIAG_BY_FAMILY) &&
		    fails(DIAG_PROTOCOL)) {
			changed.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
			changed.header.nlmsg_len = NLMSG_HDRLEN + REQUEST_SIZE;
			changed.bytes[NLMSG_HDRLEN] = AF_INET;
			changed.bytes[AT_PROTOCOL] = NO_PROTOCOL;
			data = &changed;
			size = changed.header.nlmsg_len;
		}
	}
	return syscall(SYS_sendto, sock, data, size, flags, address, length);
}
