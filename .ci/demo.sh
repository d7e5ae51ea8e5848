#!/usr/bin/env bash
# The whole portal with a synthetic city, on default settings: `make demo` and `make demo-reset`.
# The first start fills an empty database; any later one keeps what is there.
#
#   .ci/demo.sh [--reset]      HOST and PORT from the environment
set -euo pipefail
cd "$(dirname "$0")/.."

HOST=${HOST:-127.0.0.1}
PORT=${PORT:-8000}
PORTAL=.venv/bin/portal
DATA=instance
DATABASE=$DATA/portal.sqlite3

if [ "${PORTAL_ENV:-development}" = production ]; then
    echo "demo: not with PORTAL_ENV=production; a synthetic city has no business beside a real one" >&2
    exit 2
fi
mkdir -p $DATA
exec 9>$DATA/demo.lock
if ! flock -n 9; then
    echo "demo: already running from this folder (stop it with Ctrl-C in its window)" >&2
    exit 1
fi

if [ "${1:-}" = --reset ]; then
    if [ -n "${PORTAL_DATABASE_URL:-}" ]; then
        echo "demo: PORTAL_DATABASE_URL is set; only the demo's own $DATABASE is ever removed" >&2
        exit 2
    fi
    rm -f $DATABASE $DATABASE-wal $DATABASE-shm $DATABASE.lock $DATA/demo.published
fi

# The addresses that are printed, and those in mails and QR codes, are the ones people can open.
if [ -z "${PORTAL_PUBLIC_URL:-}" ] && [ "$HOST:$PORT" != 127.0.0.1:8000 ]; then
    name=$HOST
    case $HOST in
        0.0.0.0 | ::) name=$(hostname -I 2>/dev/null | cut -d' ' -f1); name=${name:-127.0.0.1} ;;
    esac
    case $name in *:*) name="[$name]" ;; esac
    export PORTAL_PUBLIC_URL="http://$name:$PORT"
fi

# Are the addresses and sign-ins of a loaded city there to be shown? They are then in demo.txt.
show() { $PORTAL demo show >$DATA/demo.txt && grep -q /card/ $DATA/demo.txt; }
loaded() {
    if [ -z "${PORTAL_DATABASE_URL:-}" ] && [ -e $DATA/demo.published ] && [ -s $DATABASE ]; then
        return 0 # by our own note, which saves a start of Python
    fi
    show 2>/dev/null
}

was_loaded=
! loaded || was_loaded=yes
$PORTAL migrate
if [ -z "$was_loaded" ]; then
    rm -f $DATA/demo.published
    $PORTAL plan load portal/plan/cities/asaka.yaml
    $PORTAL demo load
fi
if [ ! -e $DATA/demo.published ]; then
    $PORTAL publish
    touch $DATA/demo.published
fi
if [ "${1:-}" = --reset ]; then
    echo "demo: started over; \`make demo\` serves it"
    exit 0
fi

probe=$HOST
case $HOST in 0.0.0.0 | ::) probe=127.0.0.1 ;; esac
answers() { (exec 3<>"/dev/tcp/$probe/$PORT") 2>/dev/null; }
if answers; then
    echo "demo: something else already serves port $PORT; choose another: make demo PORT=8001" >&2
    exit 1
fi

# Each child leads a process group of its own, so that none of its workers outlives it.
groups=()
launch() {
    set -m
    "$@" 9>&- &
    set +m
    groups+=("-$!")
}
stop() {
    trap '' INT TERM
    for group in "${groups[@]}"; do
        kill -TERM -- "$group" 2>/dev/null || continue
        for _ in {1..100}; do
            kill -0 -- "$group" 2>/dev/null || continue 2
            sleep 0.1
        done
        kill -KILL -- "$group" 2>/dev/null || true
    done
}
trap stop EXIT
trap 'exit 0' INT TERM

show & # beside the server's start: there are two cores
shown=$!
launch $PORTAL serve --host "$HOST" --port "$PORT"
server=$!

for _ in {1..600}; do
    if ! kill -0 "$server" 2>/dev/null; then
        echo "demo: the server did not start" >&2
        exit 1
    fi
    ! answers || break
    sleep 0.1
done
wait "$shown"
cat $DATA/demo.txt

if $PORTAL --help | grep -qE '^ +work( |$)'; then # jobs and mail, once there are any
    launch $PORTAL work
fi
wait "$server"
