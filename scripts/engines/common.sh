# Sourced by the install scripts: where engines live and what an install needs.
# ENGINES_DIR moves the folder, PYTHON picks the interpreter (3.11 or later).

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
engines=${ENGINES_DIR:-$(cd "$scripts/../.." && pwd)/.engines}
python=${PYTHON:-python3}

# need COMMAND PACKAGE: installs the Debian package if the command is missing and we may.
need() {
	command -v "$1" >/dev/null && return
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
		echo "$1 is missing: install it (Debian: apt-get install $2)" >&2
		return 1
	fi
	apt-get update -q && apt-get install -q -y --no-install-recommends "$2"
}

# installed DIR VERSION: whether DIR holds a finished install of VERSION.
installed() {
	[ "$(cat "$1/VERSION" 2>/dev/null)" = "$2" ] && echo "$1: $2 is installed"
}

# fresh DIR: an empty virtual environment, whatever was there before.
fresh() {
	need "$python" python3
	rm -rf "$1" && mkdir -p "$(dirname "$1")"
	"$python" -m venv "$1" 2>/dev/null || { need python3-venv python3-venv && "$python" -m venv --clear "$1"; }
}

# finished DIR VERSION SECONDS: marks the install as whole, and says what it took.
finished() {
	echo "$2" >"$1/VERSION"
	echo "$1: $2 installed, $(du -sh "$1" | cut -f1), $((SECONDS - $3)) s"
}
