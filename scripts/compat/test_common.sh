# Sourced by the tests: starts servers and relays, measures through them, ends all that it started.
. "$(dirname "${BASH_SOURCE[0]}")/../engines/common.sh"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$OUT/$name failed=0 groups=()
rm -rf "$out" && mkdir -p "$out"
trap end_all EXIT
set -m # each program in the background leads a process group: its workers end with it

# begin LABEL COMMAND...: starts a program whose output goes to $out/LABEL.log.
begin() {
	"${@:2}" >"$out/$1.log" 2>&1 &
	groups+=($!)
}

end_all() {
	for group in ${groups[@]+"${groups[@]}"}; do kill -- "-$group" 2>/dev/null || true; done
	wait 2>/dev/null # the shell would print each end
}

# until_ok LABEL COMMAND...: waits for the program begun last to make COMMAND succeed; a minute at most.
until_ok() {
	local began=$SECONDS
	until "${@:2}" >/dev/null 2>&1; do
		if ! kill -0 "${groups[-1]}" 2>/dev/null || ((SECONDS - began > 60)); then
			echo "FAULT $1: it does not answer" && tail -5 "$out/$1.log"
			exit 1
		fi
		sleep 0.1
	done
}

free_port() { "$python" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# sim_engine OPTION...: a simulated server. Sets $sim to its port, $model to its model.
sim_engine() {
	rm -f "$out/sim.port"
	begin sim sim-engine --port 0 --port-file "$out/sim.port" "$@"
	until_ok sim test -s "$out/sim.port"
	sim=$(cat "$out/sim.port")
	model=$(curl -sf "http://127.0.0.1:$sim/v1/models" | "$python" -c 'import json, sys; print(json.load(sys.stdin)["data"][0]["id"])')
}

# relay LABEL PORT: a relay that logs what passes to PORT into $out/LABEL.log. Sets $relayed to its port.
relay() {
	begin "relay-$1" "$python" "$here/relay.py" "$2" "$out/$1.port" "$out/$1.passed"
	until_ok "relay-$1" test -s "$out/$1.port"
	relayed=$(cat "$out/$1.port")
}

# load FILE PORT OPTION...: $out/FILE.csv gets loadgen's rows, $out/FILE.summary what collect makes of them.
# Where other work on the machine makes the point client-limited it is measured again, twice at most.
load() {
	local again
	for again in 1 2 3; do
		loadgen --quiet --url "http://127.0.0.1:$2" --warmup 0 --mean-prompt-length 64 --mean-max-new-tokens 25 "${@:3}" \
			</dev/null >"$out/$1.csv" 2>"$out/$1.err" || true # what failed, check.py sees in the rows
		collect --quiet <"$out/$1.csv" >"$out/$1.summary" 2>>"$out/$1.err" || true
		grep -q ',client-limited$' "$out/$1.summary" || return 0
		echo "$1: client-limited, run $again" >&2
	done
}

# check CHECK NAME FILE...: one line on stdout; a fault fails the test at its end.
check() { "$python" "$here/check.py" "$@" || failed=1; }
