/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/listeners.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "verdict/verdict.h"

/* Ports that speak of what listens there; what it really is, only its administrator knows. */
static const struct {
	uint16_t port;
	uint8_t protocol; /* 0: either */
	const char *what;
} ports[] = {
	{ 53, 0, "a resolver" },
	{ 25, IPPROTO_TCP, "a mail server" },
	{ 465, IPPROTO_TCP, "a mail server" },
	{ 587, IPPROTO_TCP, "a mail server" },
	{ 1080, IPPROTO_TCP, "a proxy" },
	{ 3128, IPPROTO_TCP, "a proxy" },
	{ 8080, IPPROTO_TCP, "perhaps a proxy" },
	{ 8118, IPPROTO_TCP, "a proxy" },
	{ 8123, IPPROTO_TCP, "perhaps a proxy" },
	{ 9050, IPPROTO_TCP, "a proxy" },
	{ 9150, IPPROTO_TCP, "a proxy" },
};

static const char *
meaning(uint8_t protocol, uint16_t port)
{
	size_t i;

	for (i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		if (ports[i].port == port && (!ports[i].protocol || ports[i].protocol == protocol))
			return ports[i].what;
	}
	return NULL;
}

static bool
may_ask(const struct policy *policy, enum family family, uint8_t protocol, uint16_t port)
{
	struct packet packet = { .family = family,
		.protocol = protocol,
		.from_port = 40000,
		.to_port = port,
		.icmp_type = VERDICT_UNKNOWN,
		.icmp_code = VERDICT_UNKNOWN,
		.local = true };

	if (family == FAMILY_IPV4)
		memcpy(packet.to, "\177\0\0\1", 4);
	else
		packet.to[15] = 1;
	return verdict_within(policy, &packet).action == ACTION_ALLOW;
}

static void
found(struct doctor *doctor, enum family family, uint8_t protocol, uint16_t port, uint32_t uid)
{
	const char *what = meaning(protocol, port);
	cleanup_free char *name = NULL;
	struct finding *finding;
	uint32_t i;

	if (!what || fenced_by_uid(&doctor->fenced, uid))
		return;
	if (!host_account(&doctor->host, NULL, &uid, &name) && asprintf(&name, "uid %u", uid) < 0)
		name = NULL;
	for (i = 0; i < doctor->fenced.n; i++) {
		const struct fenced_user *user = &doctor->fenced.users[i];

		if (!may_ask(user->policy, family, protocol, port))
			continue;
		/* In both families, and in both protocols, it is one. */
		finding = finding_add_user(&doctor->findings, FINDING_WARN, "listeners.loopback",
		    NULL, user->name, "may ask %s on this host, port %u, which sends as %s", what,
		    port, name ? name : "?");
		finding_mend(finding, "loopback: reject in %s, or a list without that port.",
		    user->policy->name);
	}
}

/* "  0: 3500007F:0035 00000000:0000 0A 00000000:00000000 00:00000000 00000000   101 …" */
void
listeners_judge(struct doctor *doctor, enum family family, uint8_t protocol, char *text)
{
	const char *state = protocol == IPPROTO_TCP ? "0A" : "07"; /* listens; not connected */
	char *line, *words[8];
	const char *colon;
	size_t i;

	while ((line = host_line(&text))) {
		for (i = 0; i < 8 && (words[i] = host_word(&line));)
			i++;
		if (i < 8 || strcmp(words[3], state) != 0 || !(colon = strchr(words[1], ':')))
			continue;
		/* Whichever address it is at: all of this host's are reached through lo. */
		found(doctor, family, protocol, (uint16_t)strtoul(colon + 1, NULL, 16),
		    (uint32_t)strtoul(words[7], NULL, 10));
	}
}

#define MEND_NAMES "Names can carry data: stop it, or have it ask only servers of your own."
#define ACTIVATION "/usr/share/dbus-1/system-services/org.freedesktop.resolve1.service"

/* Sockets of files, which no rule of the tables is about. */
static void
look_at_sockets(struct doctor *doctor)
{
	static const char *const sockets[][2] = {
		{ "/run/systemd/resolve/io.systemd.Resolve", "systemd-resolved" },
		{ "/run/nscd/socket", "nscd" },
		{ "/var/run/nscd/socket", "nscd" },
		{ "/run/avahi-daemon/socket", "avahi-daemon" },
	};
	const char *said = "";
	struct finding *finding;
	struct stat status;
	size_t i;

	for (i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
		if (!host_stat(&doctor->host, sockets[i][0], &status) || !(status.st_mode & 0002) ||
		    !strcmp(said, sockets[i][1]))
			continue;
		said = sockets[i][1];
		finding = finding_add(&doctor->findings, FINDING_WARN, "listeners.socket", said,
		    "asks name servers for everybody, whatever loopback: says");
		finding_at(finding, sockets[i][0], 0);
		finding_mend(finding, MEND_NAMES);
	}
	/* It need not run yet: nss-resolve, or anybody on the bus, has it started. */
	if (strcmp(said, "systemd-resolved") != 0 &&
	    host_exists(&doctor->host, "/run/systemd/system") &&
	    host_exists(&doctor->host, "/lib/systemd/systemd-resolved") &&
	    host_exists(&doctor->host, ACTIVATION)) {
		finding = finding_add(&doctor->findings, FINDING_WARN, "listeners.socket",
		    "systemd-resolved",
		    "is started by whoever asks on D-Bus, and asks name servers");
		finding_at(finding, ACTIVATION, 0);
		finding_mend(finding, MEND_NAMES);
	}
}

void
doctor_listeners(struct doctor *doctor)
{
	static const struct {
		const char *path;
		enum family family;
		uint8_t protocol;
	} tables[] = { { "/proc/net/tcp", FAMILY_IPV4, IPPROTO_TCP },
		{ "/proc/net/udp", FAMILY_IPV4, IPPROTO_UDP },
		{ "/proc/net/tcp6", FAMILY_IPV6, IPPROTO_TCP },
		{ "/proc/net/udp6", FAMILY_IPV6, IPPROTO_UDP } };
	size_t before = doctor->findings.n, i;

	if (!doctor->fenced.n)
		return;
	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		cleanup_free char *text = NULL;
		int result = host_read(&doctor->host, tables[i].path, &text);

		if (result == 0)
			listeners_judge(doctor, tables[i].family, tables[i].protocol, text);
		else if (tables[i].family == FAMILY_IPV4)
			finding_add(&doctor->findings, FINDING_UNKNOWN, "listeners.loopback",
			    "loopback", "%s cannot be read: %s", tables[i].path, strerror(-result));
	}
	look_at_sockets(doctor);
	if (doctor->findings.n == before)
		finding_add(&doctor->findings, FINDING_OK, "listeners.loopback", "loopback",
		    "no resolver, proxy or mail server that a fenced user may ask");
}
