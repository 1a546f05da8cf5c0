# Makes .venv if it is missing or broken and installs the pinned packages of the file named as first argument.
# Called by the Makefile in the project's root; every refusal is one line.
set -u

refuse() {
    echo "jiceng: $1" >&2
    exit 1
}

new_enough='import sys; sys.exit(sys.version_info < (3, 11))'

if [ -x .venv/bin/python ] && .venv/bin/python -m pip --version >/dev/null 2>&1; then
    .venv/bin/python -c "$new_enough" || refuse ".venv was made with a Python older than 3.11: remove .venv"
else
    found=
    for python in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$python" >/dev/null 2>&1 && "$python" -c "$new_enough" 2>/dev/null; then
            found=$python
            break
        fi
    done
    [ -n "$found" ] || refuse "Python 3.11 or newer is needed and no python3 of that age is on the PATH"
    "$found" -c 'import ensurepip, venv' 2>/dev/null ||
        refuse "$found has no venv module: install it (Debian, Ubuntu: apt install python3-venv)"
    echo "jiceng: making .venv with $("$found" --version)"
    "$found" -m venv --clear .venv || refuse "$found could not make .venv"
fi

echo "jiceng: installing $1"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement "$1" ||
    refuse "the packages of $1 could not be installed (pip's message is above)"
