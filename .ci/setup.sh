#!/usr/bin/env bash
# Everything that the portal's commands need, from a clean clone on a bare Debian with Python 3.11.
#
#   .ci/setup.sh                                  Python environment and compiled catalogues
#   .ci/setup.sh --browser --postgres --java      and what the tests need beyond it
#
# As root it installs missing Debian packages; as anyone else it names them and goes on, and `make test`
# then says what it can't run. A second run only compares fingerprints and is over in a moment.
set -euo pipefail
cd "$(dirname "$0")/.."

UV_VERSION=0.13.9
VENV=.venv
STAMPS=$VENV/stamps

want_browser= want_postgres= want_java=
for word in "$@"; do
    case $word in
        --browser) want_browser=yes ;;
        --postgres) want_postgres=yes ;;
        --java) want_java=yes ;;
        *) echo "usage: .ci/setup.sh [--browser] [--postgres] [--java]" >&2; exit 2 ;;
    esac
done

unset VIRTUAL_ENV                   # an outer environment must not be changed by ours
export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1 UV_COMPILE_BYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
# Many offices look into https with a certificate of their own, which only the system knows.
[ ! -e /etc/ssl/certs/ca-certificates.crt ] || export UV_SYSTEM_CERTS=${UV_SYSTEM_CERTS:-1}

say() { echo "setup: $*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

# Install Debian packages, or say which are missing. Never fails by itself: the caller looks again.
debian_packages() {
    if [ "$(id -u)" -ne 0 ] || ! have apt-get; then
        say "missing: $* (as root: apt-get install $*)"
        return 0
    fi
    say "installing $*"
    export DEBIAN_FRONTEND=noninteractive
    # the package lists of a fresh image are empty or old
    [ -n "${lists_fresh:-}" ] || { apt-get update -qq >&2 || true; lists_fresh=yes; }
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null || say "could not install $*"
}

# unchanged NAME FILE...: true when these files are as they were at the last `remember NAME FILE...`.
digest() { cat "$@" | sha256sum | cut -d' ' -f1; }
unchanged() { local name=$1; shift; [ "$(cat "$STAMPS/$name" 2>/dev/null)" = "$(digest "$@")" ]; }
remember() { local name=$1; shift; mkdir -p "$STAMPS"; digest "$@" >"$STAMPS/$name"; }

find_python() {
    local name
    for name in "${PYTHON:-}" python3.11 python3.12 python3.13 python3.14 python3; do
        [ -n "$name" ] && have "$name" || continue
        "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        echo "$name"
        return
    done
}

python_environment() {
    # A folder that was moved or copied: its scripts still call the old place.
    if [ -e $VENV/bin/portal ] && ! grep -q "$PWD/$VENV/" $VENV/bin/portal; then rm -rf $VENV; fi
    if ! $VENV/bin/python -c 'import pip' 2>/dev/null; then
        local python; python=$(find_python)
        [ -n "$python" ] || { debian_packages python3 python3-venv; python=$(find_python); }
        [ -n "$python" ] || { say "Python 3.11 or newer is needed"; exit 1; }
        "$python" -c 'import ensurepip, venv' 2>/dev/null || debian_packages python3-venv
        say "making $VENV with $("$python" --version)"
        "$python" -m venv --clear $VENV
    fi
    if ! unchanged python uv.lock pyproject.toml .ci/setup.sh || [ ! -x $VENV/bin/portal ]; then
        $VENV/bin/python -m pip install -q "uv==$UV_VERSION"
        say "installing the locked dependencies"
        $VENV/bin/uv sync --frozen --quiet
        remember python uv.lock pyproject.toml .ci/setup.sh
    fi
}

# axe and the HTML checker: packages of npm, used by tests only.
node_packages() {
    have npm || debian_packages nodejs npm
    have npm || return 0
    unchanged node package-lock.json && [ -e node_modules/axe-core/axe.min.js ] && return 0
    say "installing axe and the HTML checker"
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
    remember node package-lock.json
}

need_browser() {
    have chromium || debian_packages chromium
    have w3m || debian_packages w3m   # the text browser: 1 MB
    local fonts=/usr/share/fonts missing=()
    # Without these a test would look at empty boxes instead of Japanese, Chinese, Korean and Nepali.
    [ -n "$(find $fonts -name 'NotoSansCJK*' -print -quit 2>/dev/null)" ] || missing+=(fonts-noto-cjk)
    [ -n "$(find $fonts -name 'NotoSansDevanagari*' -print -quit 2>/dev/null)" ] || missing+=(fonts-noto-core)
    [ ${#missing[@]} -eq 0 ] || debian_packages "${missing[@]}"
}

# Only the programs: the tests start a private server of their own in a temporary folder.
need_postgres() {
    have initdb || [ -n "$(find /usr/lib/postgresql -name initdb -print -quit 2>/dev/null)" ] || debian_packages postgresql
}

need_java() { have java || debian_packages default-jre-headless; }

catalogues() {
    local sources=()
    mapfile -t sources < <(find translations -name '*.po' 2>/dev/null | sort)
    [ ${#sources[@]} -gt 0 ] || return 0
    local compiled; compiled=$(find translations -name '*.mo' | wc -l)
    unchanged catalogues "${sources[@]}" && [ "$compiled" -eq ${#sources[@]} ] && return 0
    $VENV/bin/python -m portal.web.catalogues compile
    remember catalogues "${sources[@]}"
}

python_environment
[ -z "$want_browser" ] || need_browser
[ -z "$want_postgres" ] || need_postgres
[ -z "$want_java" ] || need_java
[ -z "$want_browser$want_java" ] || node_packages
catalogues
