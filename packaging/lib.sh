# shellcheck shell=bash
# Shell functions shared by setup.sh, run.sh and test.sh. Sourced, never run.
set -euo pipefail

archscope_root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# OMP_NUM_THREADS is about programs that compute, not about building: nproc would obey it.
archscope_cores="$(env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc)"

say() {
    printf '%s\n' "$*"
}

# One sentence on stderr, and the end.
fail() {
    printf 'archscope: %s\n' "$*" >&2
    exit 1
}

[ -n "${XDG_CACHE_HOME:-}${HOME:-}" ] || fail "neither HOME nor XDG_CACHE_HOME is set, so there is no place for LibTorch: set one."
archscope_cache="${XDG_CACHE_HOME:-$HOME/.cache}/archscope"
archscope_venv="$archscope_cache/libtorch"
archscope_logs="$archscope_cache/logs"

make_cache() {
    mkdir -p "$archscope_logs" 2> /dev/null || fail "cannot create $archscope_cache: make it writable, or set XDG_CACHE_HOME to a folder that is."
}

# The likely reason of a failure, from what the command wrote; empty when there is no telling.
reason_in() {
    if grep -qiE 'No space left on device|enough free space|Disk quota exceeded' "$1"; then
        echo "the disk is full"
    elif grep -qiE 'Temporary failure (resolving|in name resolution)|Could not resolve|Name or service not known|Network is unreachable|No route to host|NewConnectionError|Could not connect to|Connection (timed out|refused)|Failed to fetch' "$1"; then
        echo "the network cannot be reached"
    elif grep -qiE 'Unable to locate package|has no installation candidate' "$1"; then
        echo "this system's package sources do not have them (on Ubuntu, enable 'universe')"
    elif grep -qiE 'Could not get lock|is held by process' "$1"; then
        echo "another package manager is running"
    elif grep -qiE 'Killed signal|Cannot allocate memory|out of memory' "$1"; then
        echo "there is not enough memory"
    fi
}

# step NAME SENTENCE COMMAND...: says the sentence, runs the command with its output in a log of that name. On a terminal the
# log's last line is shown while it runs. A failure shows the end of the log and its reason, and ends the script.
step() {
    local sentence="$2" status=0 follower="" log="$archscope_logs/$1.log" reason
    shift 2
    say "$sentence"
    : > "$log" || fail "cannot write $log."
    if [ -t 1 ]; then
        follow "$log" "$$" &
        follower=$!
    fi
    "$@" > "$log" 2>&1 < /dev/null || status=$?
    if [ -n "$follower" ]; then
        kill "$follower" 2> /dev/null || true
        wait "$follower" 2> /dev/null || true
        printf '\r\033[K'
    fi
    if [ "$status" -ne 0 ]; then
        tail -n 40 "$log" | sed 's/^/    /' >&2
        reason="$(reason_in "$log")"
        fail "this step failed${reason:+ because $reason}: \"${sentence%…}\" (all it wrote: $log)."
    fi
}

follow() {
    local started=$SECONDS
    while sleep 1 && kill -0 "$2" 2> /dev/null; do
        printf '\r\033[K  %d s  %s' $((SECONDS - started)) "$(tail -c 300 "$1" | tr '\r' '\n' | tail -n 1 | cut -c 1-90)"
    done
}

# need_space FOLDER GIGABYTES PURPOSE
need_space() {
    local free_kb
    free_kb="$(df -Pk "$1" | awk 'NR == 2 { print $4 }')"
    [ "$free_kb" -ge $(($2 * 1000 * 1000)) ] || fail "$3 needs $2 GB of disk and $1 has $((free_kb / 1000 / 1000)) GB: free some space, or set XDG_CACHE_HOME to a folder with more."
}

# build TARGET...: configures the release preset where that is needed, and builds.
build() {
    local folder="$archscope_root/build/release" torch
    make_cache
    torch="$(echo "$archscope_venv"/lib/python3*/site-packages/torch)"
    cd "$archscope_root"
    # CMake looks for everything again when LibTorch was installed after the last time it looked.
    if [ ! -e "$folder/build.ninja" ] || [ "$archscope_venv/complete" -nt "$folder/build.ninja" ]; then
        [ -d "$folder" ] || need_space "$archscope_root" 2 "Building"
        step configure "Configuring in build/release…" cmake --preset release "-DARCHSCOPE_TORCH_ROOT=$torch"
    fi
    step build "Building on $archscope_cores cores…" cmake --build --preset release --parallel "$archscope_cores" --target "$@"
}
