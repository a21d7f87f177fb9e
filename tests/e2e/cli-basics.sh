#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Options and messages of the command line.
# shellcheck source=lib.sh
. "$TOP/tests/e2e/lib.sh"

for program in fuserelay fuset-emulator fuserelay-passthrough; do
	expect 0 $program --version
	says '[0-9]+\.[0-9]+'
	expect 0 $program --help
	says "[Uu]sage.*$program"
done
expect 125 fuserelay
expect 125 fuserelay nonsense
says nonsense
for command in run emulate; do
	expect 0 fuserelay $command --help
	expect 125 fuserelay $command
	expect 125 fuserelay $command --nonsense -- true
	says '--nonsense'
	expect 125 fuserelay $command --transport=pigeon -- true
	says 'transport'
	expect 125 fuserelay $command --attach=glue -- true
	says 'attach'
done
expect 125 fuserelay run --front=nowhere -- true
says nowhere
dirs_new
expect 125 fuserelay run --front="connect:$TMP/absent" -- \
    fuserelay-passthrough -f "$src" "$mnt"
says absent
# these are the emulator's to judge, and told by it
for option in --fragment=9-1 --workload=nonsense --seed=x --coalesce=0; do
	expect 125 fuserelay emulate $option -- \
	    fuserelay-passthrough -f "$src" "$mnt"
	says "${option#*=}"
done

echo "--- what has nothing to do beside the other options is refused"
for option in --chunks --rotate-count=2 --label=a=b -A --timeout-exit; do
	expect 125 fuserelay run $option -- true
	says "${option%%=*}.*: needs? |${option%%=*} needs"
done
expect 125 fuserelay run --attach=trap --mountpoint=/mnt -- true
says 'attach'
expect 125 fuserelay replay --label=a=b x.pcap -- true
says 'label: needs'

expect 125 fuserelay emulate --direct -t -- true
says '--direct'
for option in --server-quirk=nonzero-fh --ignore-max-write; do
	expect 125 fuserelay emulate $option -- \
	    fuserelay-passthrough -f "$src" "$mnt"
	says 'need --workload'
done

echo "--- what is wrong is told as it was given, and once"
told_once()
{
	expect 125 fuserelay "$@"
	[ "$(grep -c '^fuserelay' out.txt)" = 1 ] ||
		fail "not told once: $(cat out.txt)"
}
told_once run --metrics=0.0.0.0:80 -- true
told_once run --log="$TMP/absent/log" -- true
told_once run -w "$TMP/absent/x.pcap" -- true
told_once run --front="connect:$TMP/absent" -- true
told_once run --nonsense -- true
told_once run --front=fd:78 -- true
says '--front=fd:78: '
told_once run --max-write=1 -- true
says ' 4096 to '
told_once run --spin=-1 -- true
says ' 0 to '
told_once run --snaplen=x -- true
told_once replay --session=0 x.pcap -- true
says 'session'
expect 125 fuserelay emulate --server-quirk=nonsense -- \
    fuserelay-passthrough -f "$src" "$mnt"
says '--server-quirk=nonsense'
expect 0 fuserelay cleanup --help
says 'usage'

echo "--- descriptors are looked at first, and are not the command's"
expect 125 fuserelay run --ready-fd=77 -- true
says 'not an open descriptor'
expect 125 fuserelay run --front=fd:78 -- true
says 'not an open descriptor'
# shellcheck disable=SC2016 # for the inner shell
expect 0 sh -c 'exec fuserelay run --ready-fd=9 -- \
    sh -c "! test -e /proc/self/fd/9" 9>/dev/null'

echo "--- no server of FUSE-T"
need_mount
need bindfs
dirs_new
expect 125 env FUSE_NFSSRV_PATH="$TMP/absent" fuserelay run --front=fuset \
    -- bindfs -f "$src" "$mnt"
says "can't be executed"
