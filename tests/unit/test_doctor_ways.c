/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways round a fence, each from what a host says of itself. */
#include "doctor_util.h"

#include <linux/capability.h>
#include <netinet/in.h>
#include <sys/inotify.h>

#include "doctor/firewalls.h"
#include "doctor/listeners.h"
#include "doctor/programs.h"
#include "doctor/protocols.h"
#include "doctor/sshd.h"
#include "doctor/sudo.h"

#define ALICE (&people[0])
#define CAROL (&people[1])

/* ---------------------------------------------------------------- sshd */

static void
judge_sshd(const char *text)
{
	struct sshd_settings settings;
	char *copy = strdup(text);

	assert_non_null(copy);
	assert_true(sshd_settings_read(copy, &settings));
	sshd_judge(&doctor, ALICE, &settings);
	free(copy);
}

static void
test_sshd(void **state)
{
	struct sshd_settings settings;
	char other[] = "usepam yes\npamservicename sshd-inside\n";
	char nothing[] = "/etc/ssh/sshd_config line 3: Bad configuration option: x\n";

	(void)state;
	assert_false(sshd_settings_read(nothing, &settings));
	assert_true(sshd_settings_read(other, &settings));
	assert_string_equal(settings.service, "sshd-inside");
	judge_sshd("usepam yes\nallowtcpforwarding local\nallowstreamlocalforwarding no\n"
		   "permittunnel no\ngatewayports no\n");
	silent();
	judge_sshd("usepam yes\nallowtcpforwarding yes\nallowstreamlocalforwarding yes\n"
		   "permittunnel yes\ndisableforwarding yes\n");
	silent();
	judge_sshd("usepam yes\nallowtcpforwarding yes\npermitlisten none\n");
	silent();
	judge_sshd("usepam no\nallowtcpforwarding no\n");
	says("sshd.usepam", FINDING_FAIL,
	    "alice: sshd does not ask PAM: UsePAM no; no login there is fenced");
	forget();
	judge_sshd("usepam yes\nallowtcpforwarding remote\ngatewayports clientspecified\n");
	says("sshd.remote", FINDING_WARN,
	    "alice: ssh -R is open: AllowTcpForwarding remote; from other hosts too: GatewayPorts");
	forget();
	judge_sshd("usepam yes\nallowstreamlocalforwarding all\n");
	assert_string_equal(the("sshd.stream")->mend,
	    "sshd_config, in Match Group supporters: AllowStreamLocalForwarding local");
	/* Users of two groups. */
	policy.name = "groups/others";
	judge_sshd("usepam yes\nallowstreamlocalforwarding all\n");
	assert_string_equal(the("sshd.stream")->mend,
	    "sshd_config, in a Match block for them: AllowStreamLocalForwarding local");
}

static void
test_sshd_keys(void **state)
{
	(void)state;
	put("/home/alice/.ssh/authorized_keys",
	    "# tunnel=\nssh-ed25519 AAAA tunnel=x\n"
	    "command=\"echo tunnel=1\",no-pty ssh-ed25519 AAAA\n"
	    "no-pty,tunnel=\"0\" ssh-ed25519 AAAA a@b\n");
	judge_sshd("usepam yes\npermittunnel point-to-point\n"
		   "authorizedkeysfile .ssh/authorized_keys /etc/keys/%u\n");
	says("sshd.key", FINDING_WARN,
	    "alice: a key may open a tunnel: tunnel= (/home/alice/.ssh/authorized_keys:4)");
	forget();
	put("/etc/keys/alice", "tunnel=\"1\" ssh-ed25519 AAAA\n");
	judge_sshd("usepam yes\npermittunnel yes\nauthorizedkeysfile /etc/keys/%u\n");
	says("sshd.key", FINDING_WARN,
	    "alice: a key may open a tunnel: tunnel= (/etc/keys/alice:1)");
}

static void
test_sshd_arguments(void **state)
{
	char title[] =
	    "sshd: /usr/sbin/sshd -D -f /etc/other -oUsePAM=no -p 22 -o X=1 [listener] 0 "
	    "of 10-100 startups";
	char session[] = "sshd: alice [priv] -f /tmp/x";
	const char *words[8];

	(void)state;
	assert_int_equal(sshd_arguments(title, words, 8), 5);
	assert_string_equal(words[0], "-f");
	assert_string_equal(words[1], "/etc/other");
	assert_string_equal(words[2], "-oUsePAM=no");
	assert_string_equal(words[4], "X=1");
	assert_int_equal(sshd_arguments(session, words, 8), 0);
}

/* ---------------------------------------------------------------- sudo, doas, su */

#define LISTING                                                           \
	"Matching Defaults entries for carol on host:\n    env_reset\n\n" \
	"User carol may run the following commands on host:\n\n"

static void
judge_sudo(const char *listing)
{
	char *copy = strdup(listing);

	assert_non_null(copy);
	sudo_judge(&doctor, CAROL, copy);
	free(copy);
}

static void
test_sudo(void **state)
{
	(void)state;
	put("/etc/sudoers", "root ALL=(ALL:ALL) ALL\n#carol ALL=ALL\n");
	put("/etc/sudoers.d/dba", "# a\nDefaults:carol !requiretty\ncarol ALL=(oracle) ALL\n");
	judge_sudo(LISTING "Sudoers entry:\n    RunAsUsers: oracle\n    Options: !authenticate\n"
			   "    Commands:\n\tALL\n");
	says("sudo.right", FINDING_FAIL,
	    "sudo: carol may run as oracle (/etc/sudoers.d/dba:3), who is unfenced");
	assert_string_equal(the("sudo.right")->mend, "Fence oracle, or take the right away.");
	forget();
	/* Newer ones say where. */
	judge_sudo(LISTING "Sudoers entry: /etc/sudoers:25\n    RunAsUsers: ALL\n"
			   "    Commands:\n\t/usr/bin/id\n\t/bin/bash\n");
	says("sudo.right", FINDING_FAIL,
	    "sudo: carol may run /bin/bash and 1 more as root (/etc/sudoers:25), who is never "
	    "fenced");
	forget();
	/* A directory's role has a name, and no place, whatever that looks like. */
	judge_sudo(LISTING "SSSD Role: dba/etc/x:7\n    RunAsUsers: root\n    Commands:\n\tALL\n");
	says("sudo.right", FINDING_FAIL, "sudo: carol may run as root, who is never fenced");
	forget();
	/* What cannot do everything is weighed. */
	judge_sudo(LISTING "Sudoers entry: /etc/sudoers:25\n    RunAsUsers: root\n"
			   "    Commands:\n\t/usr/bin/systemctl restart app\n");
	assert_int_equal(the("sudo.right")->grade, FINDING_WARN);
	forget();
	/* Whoever is fenced, too, and what is forbidden. */
	judge_sudo(LISTING "Sudoers entry: /etc/sudoers:25\n    RunAsUsers: alice, carol\n"
			   "    Commands:\n\tALL\n\nSudoers entry: /etc/sudoers:26\n"
			   "    RunAsUsers: root\n    Commands:\n\t!/bin/sh\n");
	silent();
	judge_sudo(LISTING "Sudoers entry: /etc/sudoers:25\n    RunAsUsers: oracle, !pg\n"
			   "    Commands:\n\tALL\n");
	says("sudo.right", FINDING_FAIL,
	    "sudo: carol may run as oracle (/etc/sudoers:25), who is unfenced");
	forget();
	judge_sudo(LISTING "Sudoers entry: /etc/sudoers:25\n    RunAsUsers: ALL, !root\n"
			   "    Commands:\n\tALL\n");
	says("sudo.right", FINDING_FAIL,
	    "sudo: carol may run as anybody but root (/etc/sudoers:25), who is unfenced");
	forget();
	judge_sudo("User carol is not allowed to run sudo on host.\n");
	silent();
}

static const struct {
	const char *sudoers;
	const char *as;
	const char *command;
	uint32_t line;
} rights[] = {
	{ "carol ALL=ALL\n", "root", "ALL", 1 },
	{ "caroline ALL=ALL\n", "root", "ALL", 0 },
	{ "%wheel ALL=(ALL) ALL\n", "ALL", "ALL", 1 },
	{ "%other ALL=(ALL) ALL\n", "ALL", "ALL", 0 },
	{ "bob,carol ALL=(oracle, pg) /bin/x\n", "pg", "/bin/x -a", 1 },
	{ "carol ALL=(oracle) ALL\n", "pg", "ALL", 0 },
	{ "carol ALL=(a) /bin/x\ncarol ALL=(a) /bin/y\n", "a", "/bin/y", 2 },
	{ "User_Alias DBA = bob, carol\nDBA ALL=(a) ALL\n", "a", "ALL", 2 },
	{ "User_Alias DBA = bob, caroline\nDBA ALL=(a) ALL\n", "a", "ALL", 0 },
	{ "ALL ALL=(a) ALL\n", "a", "ALL", 1 },
};

static void
test_sudoers_lines(void **state)
{
	uint32_t line;
	char *file;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
		put("/etc/sudoers", rights[i].sudoers);
		sudo_find(&doctor.host, CAROL, rights[i].as, rights[i].command, &file, &line);
		if (line != rights[i].line)
			fail_msg("%s: line %u", rights[i].sudoers, line);
		free(file);
	}
}

static void
test_doas(void **state)
{
	char text[] = "# permit carol\ndeny carol\npermit nopass setenv { A=1 B } :wheel\n"
		      "permit alice as carol\npermit alice as pg cmd /usr/bin/psql args -x\n";

	(void)state;
	sudo_judge_doas(&doctor, "/etc/doas.conf", text);
	assert_int_equal(doctor.findings.n, 2);
	assert_int_equal(doctor.findings.list[0]->grade, FINDING_FAIL);
	assert_string_equal(doctor.findings.list[0]->what,
	    "may run as root (/etc/doas.conf:3), who is never fenced");
	assert_string_equal(doctor.findings.list[0]->users[0], "carol");
	assert_int_equal(doctor.findings.list[1]->grade, FINDING_WARN);
	assert_string_equal(doctor.findings.list[1]->what,
	    "may run /usr/bin/psql as pg (/etc/doas.conf:5), who is unfenced");
}

static void
test_su(void **state)
{
	(void)state;
	put_mode("/usr/bin/su", "", 0755);
	put("/etc/pam.d/su", "auth sufficient pam_rootok.so\nauth required pam_wheel.so\n"
			     "auth required pam_unix.so\n");
	doctor_sudo(&doctor);
	silent();
	forget();
	put("/etc/pam.d/su", "auth sufficient pam_wheel.so trust\nauth required pam_unix.so\n");
	doctor_sudo(&doctor);
	says("sudo.su", FINDING_FAIL,
	    "su: carol may become root without a password: group wheel (/etc/pam.d/su:1)");
	forget();
	put("/etc/pam.d/su", "auth sufficient pam_wheel.so trust group=nobody-is-in-it\n");
	doctor_sudo(&doctor);
	silent();
	forget();
	put("/etc/pam.d/su", "auth sufficient pam_permit.so\n");
	doctor_sudo(&doctor);
	says("sudo.su", FINDING_FAIL,
	    "su: asks nobody for a password: everybody may become root (/etc/pam.d/su:1)");
}

/* ---------------------------------------------------------------- groups, jobs */

static void
test_groups(void **state)
{
	(void)state;
	doctor_groups(&doctor);
	says("groups.power", FINDING_FAIL,
	    "carol: in group docker: a container on the host's network, or root by a mount "
	    "(/etc/group)");
	forget();
	doctor.fenced.n = 1;
	doctor_groups(&doctor);
	silent();
	forget();
	put_mode("/run/docker.sock", "", 0666);
	doctor_groups(&doctor);
	says("groups.socket", FINDING_FAIL,
	    "docker: everybody may have it act for them (/run/docker.sock)");
	forget();
	put_mode("/run/docker.sock", "", 0660);
	doctor_groups(&doctor);
	silent();
}

static void
test_jobs(void **state)
{
	(void)state;
	put_mode("/usr/sbin/cron", "", 0755);
	put("/var/spool/cron/crontabs/alice", "* * * * * true\n");
	put("/var/spool/cron/crontabs/bob", "* * * * * true\n");
	put("/etc/pam.d/cron", "session required pam_unix.so\n");
	doctor_jobs(&doctor);
	says("jobs.crontab", FINDING_FAIL,
	    "alice: a crontab, and /etc/pam.d/cron does not fence "
	    "(/var/spool/cron/crontabs/alice)");
	forget();
	policy.always = true;
	doctor_jobs(&doctor);
	silent();
	forget();
	policy.always = false;
	put("/etc/pam.d/cron", "session requisite pam_netfence.so\n");
	doctor_jobs(&doctor);
	silent();
	forget();
	put("/etc/pam.d/cron", "session optional pam_netfence.so\n");
	put("/var/spool/cron/crontabs/alice", "");
	put("/etc/cron.d/x", "PATH=/bin\n#* * * * * alice true\n*/5 * * * * carol true\n");
	doctor_jobs(&doctor);
	assert_int_equal(doctor.findings.n, 2);
	assert_string_equal(doctor.findings.list[1]->users[0], "carol");
	assert_string_equal(doctor.findings.list[1]->file, "/etc/cron.d/x");
	assert_int_equal(doctor.findings.list[1]->line, 3);
}

static void
test_units_and_lingering(void **state)
{
	(void)state;
	put("/etc/systemd/system/app.service", "[Service]\nUser=alice\nExecStart=/bin/true\n");
	put("/etc/systemd/system/pam.service", "[Service]\nUser=alice\nPAMName=login\n");
	put("/etc/systemd/system/bob.service", "[Service]\nUser=bob\n#User=alice\nUserX=alice\n");
	doctor_jobs(&doctor);
	says("jobs.unit", FINDING_FAIL,
	    "alice: a unit runs as them without a session (/etc/systemd/system/app.service:2)");
	forget();
	/* As systemd reads it: blanks do not count, and numbers are uids. */
	put("/etc/systemd/system/app.service", "[Service]\n User = 4001 \n");
	put("/etc/systemd/system/pam.service", "[Service]\nUser=alice\nPAMName = login\n");
	doctor_jobs(&doctor);
	says("jobs.unit", FINDING_FAIL,
	    "carol: a unit runs as them without a session (/etc/systemd/system/app.service:2)");
	forget();
	put("/etc/systemd/system/app.service", "");
	put("/run/systemd/system/x", "");
	put("/var/lib/systemd/linger/carol", "");
	put("/etc/pam.d/systemd-user", "session required pam_unix.so\n");
	doctor_jobs(&doctor);
	says("jobs.linger", FINDING_FAIL,
	    "carol: lingering: systemd --user runs without a login, and /etc/pam.d/systemd-user "
	    "does "
	    "not fence (/var/lib/systemd/linger/carol)");
	forget();
	put("/etc/pam.d/systemd-user", "session required pam_netfence.so\n");
	doctor_jobs(&doctor);
	silent();
}

/* ---------------------------------------------------------------- programs */

static const struct {
	const char *path;
	mode_t mode;
	uint64_t capabilities;
	int grade; /* -1: nothing */
} programs[] = {
	{ "/usr/bin/sudo", 04755, 0, -1 },
	{ "/usr/lib/openssh/ssh-keysign", 04755, 0, -1 },
	{ "/usr/bin/ping", 0755, 1ULL << CAP_NET_RAW, -1 },
	{ "/usr/bin/ping", 04755, 0, FINDING_WARN },
	{ "/usr/bin/newuidmap", 0755, 1ULL << CAP_SETUID, -1 },
	{ "/usr/bin/thing", 04755, 0, FINDING_WARN },
	{ "/usr/bin/bash", 04755, 0, FINDING_FAIL },
	{ "/usr/bin/python3.11", 0755, 1ULL << CAP_SETUID, FINDING_FAIL },
	{ "/usr/bin/thing", 0755, 1ULL << CAP_SETUID, FINDING_WARN },
	{ "/usr/bin/thing", 0755, 1ULL << CAP_NET_RAW, FINDING_WARN },
	{ "/usr/bin/thing", 0755, 1ULL << CAP_NET_BIND_SERVICE, -1 },
	{ "/usr/bin/nc", 0755, 1ULL << CAP_NET_ADMIN, FINDING_FAIL },
};

static void
test_programs(void **state)
{
	struct stat status = { .st_uid = 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		status.st_mode = S_IFREG | programs[i].mode;
		programs_judge(&doctor, programs[i].path, &status, programs[i].capabilities);
		if (programs[i].grade < 0
			? doctor.findings.n != 0
			: doctor.findings.n != 1 ||
			      (int)doctor.findings.list[0]->grade != programs[i].grade)
			fail_msg("%s %o", programs[i].path, programs[i].mode);
		forget();
	}
}

static void
test_programs_are_found(void **state)
{
	(void)state;
	put_mode("/usr/local/bin/bash", "", 04755);
	put_mode("/usr/libexec/a/b/thing", "", 04711);
	put_mode("/usr/bin/not", "", 04700);
	put_mode("/usr/bin/group", "", 04750);
	put("/etc/group", "root:x:0:\n");
	doctor_programs(&doctor);
	assert_int_equal(doctor.findings.n, 2);
	assert_string_equal(doctor.findings.list[0]->file, "/usr/local/bin/bash");
	assert_string_equal(doctor.findings.list[1]->file, "/usr/libexec/a/b/thing");
}

/* ---------------------------------------------------------------- loopback */

#define HEAD "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
#define TCP(address, state, uid)                                                                \
	"   0: " address " 00000000:0000 " state " 00000000:00000000 00:00000000 00000000 " uid \
	" 0 12345\n"

static void
judge_listeners(const char *text)
{
	char *copy = strdup(text);

	assert_non_null(copy);
	listeners_judge(&doctor, FAMILY_IPV4, IPPROTO_TCP, copy);
	free(copy);
}

static void
test_listeners(void **state)
{
	(void)state;
	policy.loopback.kind = PASSAGE_ALL;
	/* An ordinary service, one that is connected, one of a fenced user's own. */
	judge_listeners(HEAD TCP("0100007F:0016", "0A", "0") TCP("0100007F:0035", "01", "0")
		TCP("0100007F:0C38", "0A", "4000"));
	silent();
	put("/etc/passwd", "root:x:0:0:::\nresolver:x:101:101:::\n");
	judge_listeners(HEAD TCP("3500007F:0035", "0A", "101") TCP("00000000:0035", "0A", "101"));
	says("listeners.loopback", FINDING_WARN,
	    "alice and carol: may ask a resolver on this host, port 53, which sends as resolver");
	forget();
	policy.loopback.kind = PASSAGE_NONE;
	judge_listeners(HEAD TCP("3500007F:0035", "0A", "101"));
	silent();
}

static void
test_resolvers_without_a_port(void **state)
{
	(void)state;
	put("/proc/net/tcp", HEAD);
	put("/proc/net/udp", HEAD);
	doctor_listeners(&doctor);
	says("listeners.loopback", FINDING_OK,
	    "loopback: no resolver, proxy or mail server that a fenced user may ask");
	forget();
	put_mode("/run/nscd/socket", "", 0666);
	doctor_listeners(&doctor);
	says("listeners.socket", FINDING_WARN,
	    "nscd: asks name servers for everybody, whatever loopback: says (/run/nscd/socket)");
	forget();
	put_mode("/run/nscd/socket", "", 0600);
	put("/lib/systemd/systemd-resolved", "");
	put("/usr/share/dbus-1/system-services/org.freedesktop.resolve1.service", "");
	doctor_listeners(&doctor);
	silent();
	forget();
	put("/run/systemd/system/x", "");
	doctor_listeners(&doctor);
	assert_string_equal(the("listeners.socket")->subject, "systemd-resolved");
	forget();
	put_mode("/run/systemd/resolve/io.systemd.Resolve", "", 0666);
	doctor_listeners(&doctor);
	says("listeners.socket", FINDING_WARN,
	    "systemd-resolved: asks name servers for everybody, whatever loopback: says "
	    "(/run/systemd/resolve/io.systemd.Resolve)");
}

/* ---------------------------------------------------------------- the kernel */

static void
test_protocols(void **state)
{
	(void)state;
	protocols_judge(&doctor, "6.1");
	says("protocols.loaded", FINDING_OK,
	    "protocols: none there that sends through sockets of nobody's");
	forget();
	put("/proc/modules", "rds_tcp 1 0\nrds 1 0 - Live 0x0\n");
	put("/lib/modules/6.1/modules.alias", "# x\nalias net-pf-43 smc\n");
	protocols_judge(&doctor, "6.1");
	says("protocols.loaded", FINDING_FAIL,
	    "rds: sends over TCP that belongs to nobody, and is there");
	says("protocols.loadable", FINDING_WARN,
	    "smc: opens TCP connections that belong to nobody, and any user can have it loaded");
	forget();
	put("/proc/modules", "");
	put("/etc/modprobe.d/x.conf", "install smc /bin/false\n");
	protocols_judge(&doctor, "6.1");
	silent();
	forget();
	put("/etc/modprobe.d/x.conf", "# blacklist smc\n");
	put("/proc/sys/kernel/modules_disabled", "1\n");
	protocols_judge(&doctor, "6.1");
	silent();
	forget();
	put("/proc/net/protocols", "protocol size\nSMC 1 2 3\n");
	protocols_judge(&doctor, "6.1");
	assert_int_equal(the("protocols.loaded")->grade, FINDING_FAIL);
	forget();
	put("/proc/sys/kernel/modules_disabled", "0\n");
	protocols_judge(&doctor, "6.2");
	assert_int_equal(the("protocols.loadable")->grade, FINDING_UNKNOWN);
}

static void
test_mptcp(void **state)
{
	(void)state;
	protocols_judge_mptcp(&doctor, "add_addr_accepted 0 subflows 2 \n");
	assert_int_equal(the("protocols.mptcp")->grade, FINDING_OK);
	forget();
	protocols_judge_mptcp(&doctor, "add_addr_accepted 2 subflows 2 \n");
	assert_int_equal(the("protocols.mptcp")->grade, FINDING_FAIL);
	forget();
	protocols_judge_mptcp(&doctor, "");
	assert_int_equal(the("protocols.mptcp")->grade, FINDING_UNKNOWN);
}

static void
test_managers(void **state)
{
	(void)state;
	put("/etc/ufw/ufw.conf", "# x\nENABLED=no\n");
	doctor_firewalls(&doctor);
	assert_int_equal(doctor.findings.n, 0);
	put("/etc/ufw/ufw.conf", "# x\nENABLED=yes\n");
	doctor_firewalls(&doctor);
	says("firewalls.manager", FINDING_OK,
	    "ufw: writes the tables too; what it takes away is back within two seconds");
	forget();
	put("/etc/ufw/ufw.conf", "");
	put("/run/firewalld.pid", "");
	put("/run/firewalld/x", "");
	doctor_firewalls(&doctor);
	assert_string_equal(the("firewalls.manager")->subject, "firewalld");
}

static void
test_firewalls(void **state)
{
	char nft[] =
	    "table inet filter {\n\tchain output {\n\t\ttype filter hook output priority 0;"
	    "\n\t\tredirect\n\t}\n}\ntable ip nat {\n\tchain output {\n\t\ttype nat hook "
	    "output priority 0;\n\t\ttcp dport 80 redirect to :3128\n\t}\n}\n";
	char saved[] = "*filter\n-A OUTPUT -j DNAT\nCOMMIT\n*nat\n-A PREROUTING -j REDIRECT\n"
		       "-A OUTPUT -p tcp -j REDIRECT --to-ports 3128\nCOMMIT\n";

	(void)state;
	assert_true(firewalls_judge_nft(&doctor, nft, true));
	says("firewalls.redirect", FINDING_WARN,
	    "nftables: sends traffic elsewhere before the fence sees it: tcp dport 80 redirect to "
	    ":3128");
	says("firewalls.nft", FINDING_OK,
	    "nftables: beside the fence: inet filter, ip nat; a packet has to pass both");
	forget();
	firewalls_judge_nat(&doctor, "iptables-legacy-save", saved);
	says("firewalls.redirect", FINDING_WARN,
	    "iptables-legacy-save: sends traffic elsewhere before the fence sees it: -A OUTPUT -p "
	    "tcp -j REDIRECT --to-ports 3128");
}

/* ---------------------------------------------------------------- findings themselves */

static void
test_findings_join(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "e" };
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < 6; i++) {
		finding_add_user(&doctor.findings, FINDING_WARN, "x", "sudo", names[i], "may");
		finding_add_user(&doctor.findings, FINDING_WARN, "x", NULL, names[i], "is");
		if (i == 3) {
			text = finding_text(doctor.findings.list[0]);
			assert_string_equal(text, "sudo: a, b, c and d may");
			free(text);
		}
	}
	assert_int_equal(doctor.findings.n, 2);
	assert_int_equal(doctor.findings.count[FINDING_WARN], 2);
	assert_int_equal(doctor.findings.list[0]->n_users, 5);
	text = finding_text(doctor.findings.list[1]);
	assert_string_equal(text, "a, b, c and 2 more: is");
	free(text);
}

static int
too_slow(FILE *answer, void *data)
{
	(void)data;
	fputs("x", answer);
	fflush(answer);
	pause();
	return 0;
}

static int
says_data(FILE *answer, void *data)
{
	fputs(data, answer);
	return 7;
}

static void
test_children_have_a_deadline(void **state)
{
	char said[] = "well", *answer;
	struct why why;

	(void)state;
	assert_int_equal(host_child(says_data, said, 10000, &answer, &why), 7);
	assert_string_equal(answer, "well");
	free(answer);
	assert_int_equal(host_child(too_slow, NULL, 100, &answer, &why), -ETIMEDOUT);
	assert_null(answer);
}

static void
test_reads_no_fifo(void **state)
{
	char path[128], event[512], *text;
	int watch;

	(void)state;
	snprintf(path, sizeof(path), "%s/fifo", root);
	assert_int_equal(mkfifo(path, 0644), 0);
	watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	assert_true(inotify_add_watch(watch, path, IN_OPEN) >= 0);
	assert_int_equal(host_read(&doctor.host, "/fifo", &text), -EINVAL);
	/* Some devices begin to count the time when they are opened. */
	assert_int_equal(read(watch, event, sizeof(event)), -1);
	assert_int_equal(errno, EAGAIN);
	close(watch);
	assert_int_equal(host_read(&doctor.host, "/nothing", &text), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sshd),
		TEST(test_sshd_keys),
		TEST(test_sshd_arguments),
		TEST(test_sudo),
		TEST(test_sudoers_lines),
		TEST(test_doas),
		TEST(test_su),
		TEST(test_groups),
		TEST(test_jobs),
		TEST(test_units_and_lingering),
		TEST(test_programs),
		TEST(test_programs_are_found),
		TEST(test_listeners),
		TEST(test_resolvers_without_a_port),
		TEST(test_protocols),
		TEST(test_mptcp),
		TEST(test_managers),
		TEST(test_firewalls),
		TEST(test_findings_join),
		TEST(test_children_have_a_deadline),
		TEST(test_reads_no_fifo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
