#!/bin/bash
# Installs what Archscope is built from and is missing here: Debian packages, and LibTorch in a cache of its own.
#
#     bash packaging/setup.sh
#
# LibTorch comes from PyPI's torch wheel; pip's own settings (PIP_INDEX_URL, PIP_EXTRA_INDEX_URL, …) are respected, so
# PIP_EXTRA_INDEX_URL can name an index with smaller, CPU-only wheels. Cache: ${XDG_CACHE_HOME:-~/.cache}/archscope
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

packages=(
    cmake ninja-build g++ ccache pkg-config python3-venv
    qt6-base-dev qt6-svg-dev qt6-tools-dev qt6-l10n-tools libqt6sql6-sqlite libqcustomplot-dev
    libboost-dev libgraphviz-dev nlohmann-json3-dev libcli11-dev libfmt-dev libexpected-dev libxxhash-dev zlib1g-dev
    libonnx-dev libprotobuf-dev
    librapidcheck-dev fonts-dejavu-core
)
# onnxruntime runs exported networks, in the tests and to verify an export. They share LibTorch's folder.
requirements=("torch==2.13.0" "onnxruntime>=1.20,<2" "numpy>=1.26,<3")

# Qt 6.4 is the floor: Debian 12 and Ubuntu 24.04 are the first with it.
check_system() {
    local file="${ARCHSCOPE_OS_RELEASE:-/etc/os-release}" id version name
    [ -r "$file" ] || fail "this system does not say what it is ($file is missing): Archscope is set up on Debian 12 or newer and Ubuntu 24.04 or newer."
    # shellcheck source=/dev/null
    id="$(. "$file" && echo "${ID:-}")"
    # shellcheck source=/dev/null
    version="$(. "$file" && echo "${VERSION_ID:-}")"
    # shellcheck source=/dev/null
    name="$(. "$file" && echo "${PRETTY_NAME:-$id $version}")"
    case "$id" in
        # Debian's testing and unstable have no number.
        debian) [ -z "$version" ] || [ "${version%%.*}" -ge 12 ] || fail "$name is too old, because its Qt is older than 6.4: Archscope needs Debian 12 or newer." ;;
        ubuntu) [ "${version%%.*}" -ge 24 ] || fail "$name is too old, because its Qt is older than 6.4: Archscope needs Ubuntu 24.04 or newer." ;;
        *) fail "$name is not supported: Archscope is set up on Debian 12 or newer and Ubuntu 24.04 or newer." ;;
    esac
}

# Sets missing. dpkg-query fails when it does not know one of the packages; what it prints of the others still counts.
find_missing_packages() {
    local installed package
    installed="$(dpkg-query -W -f '${db:Status-Status}:${Package}\n' "${packages[@]}" 2> /dev/null || true)"
    missing=()
    for package in "${packages[@]}"; do
        grep -qxF "installed:$package" <<< "$installed" || missing+=("$package")
    done
}

# A stale or unreachable package source of the user's own is no reason to stop: what counts is that the install succeeds.
apt_install() {
    "${as_root[@]}" apt-get -q update || true
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 \
        --no-install-recommends install "$@"
}

install_packages() {
    local missing as_root=()
    find_missing_packages
    if [ ${#missing[@]} -eq 0 ]; then
        say "Packages: all ${#packages[@]} are here."
        return
    fi
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo > /dev/null || fail "installing packages needs root, and there is no sudo; as root, run: apt-get install ${missing[*]}"
        sudo -n true 2> /dev/null || sudo -v || fail "installing packages needs root, and sudo refused; as root, run: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    step packages "Packages: installing ${#missing[@]} with apt-get (${missing[*]})…" apt_install "${missing[@]}"
}

# Everything that decides whether the installed LibTorch is the wanted one. A venv is of no use to another Python.
wanted_torch() {
    python3 -c 'import platform, sys; print(platform.machine(), *sys.version_info[:2])'
    printf '%s\n' "${requirements[@]}"
}

check_torch_index() {
    "$1/bin/python3" -m pip index versions torch --disable-pip-version-check --retries 1 --timeout 20
}

# Beside its place and renamed at the end, so that there is never half a LibTorch.
install_torch() {
    local wanted new log="$archscope_logs/torch-index.log" reason space=9 version="${requirements[0]#torch==}"
    wanted="$(wanted_torch)"
    if [ "$(cat "$archscope_venv/complete" 2> /dev/null)" = "$wanted" ]; then
        say "LibTorch: $version is here."
        return
    fi
    new="$archscope_venv.new"
    trap 'rm -rf "$archscope_venv.new"' EXIT
    rm -rf "$new"
    python3 -m venv "$new" > "$log" 2>&1 || { reason="$(reason_in "$log")"; fail "python3 cannot make a virtual environment in $archscope_cache${reason:+ because $reason} (all it wrote: $log)."; }
    # Asks for the list of versions alone: tells in a second whether the index can be reached and what it would send.
    check_torch_index "$new" > "$log" 2>&1 || fail "LibTorch: the package index cannot be reached, so torch $version cannot be downloaded: check the network and pip's settings (what pip said: $log)."
    grep -qE "[ ,]$version(\+[a-z0-9.]+)?(,|\$)" "$log" || fail "LibTorch: there is no torch $version for $(python3 --version) on $(uname -m) in the package index."
    # CUDA wheels take 3 GB packed and 6 GB unpacked.
    grep -qF "$version+cpu" "$log" && space=3
    need_space "$archscope_cache" "$space" "LibTorch"
    mkdir "$new/tmp"
    # pip unpacks in TMPDIR; /tmp may be small, and it may be memory.
    step torch "LibTorch: installing torch $version into $archscope_cache (needs $space GB for a while)…" \
        env "TMPDIR=$new/tmp" "$new/bin/python3" -m pip install --no-cache-dir --disable-pip-version-check "${requirements[@]}"
    step torch-check "LibTorch: checking that it loads…" "$new/bin/python3" -c 'import torch, onnxruntime, numpy; print(torch.__version__)'
    rm -rf "$new/tmp"
    # A venv's programs name their folder.
    grep -rlI -F "$new" "$new/bin" "$new/pyvenv.cfg" | xargs sed -i "s|$new|$archscope_venv|g"
    printf '%s\n' "$wanted" > "$new/complete"
    rm -rf "$archscope_venv"
    mv -T "$new" "$archscope_venv"
}

check_system
make_cache
# Two set-ups at once would install into each other.
exec 9> "$archscope_cache/setup.lock"
flock -n 9 || { say "Waiting for another set-up to end…"; flock 9; }
install_packages
install_torch
