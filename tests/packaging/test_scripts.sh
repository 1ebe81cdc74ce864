#!/bin/bash
# The packaging scripts against a pretended machine: a copy of them, and a PATH with stand-ins for what would change this
# machine (apt-get, sudo, dpkg-query, df, python3, cmake, ctest). Each stand-in writes its call to calls.
#
#     test_scripts.sh PACKAGING_FOLDER
set -u
packaging="$1"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
failures=0 checks=0

stand_in() {
    { echo '#!/bin/bash'; echo "echo \"$1 \$*\" >> '$machine/calls'"; cat; } > "$machine/bin/$1"
    chmod +x "$machine/bin/$1"
}

# A fresh Debian 12 where everything works and nothing is installed yet.
new_machine() {
    machine="$(mktemp -d "$work/machine.XXXX")"
    mkdir "$machine/bin" "$machine/project" "$machine/cache"
    cp -r "$packaging" "$machine/project/packaging"
    : > "$machine/calls"
    system debian 12
    local tool
    for tool in bash env cat sed awk grep tr cut head tail mkdir mktemp rm mv cp touch ls xargs flock nproc dirname uname sleep chmod; do
        ln -s "$(command -v "$tool")" "$machine/bin/$tool"
    done
    echo 'echo 0' | stand_in id
    echo "echo Filesystem; echo disk 100000000 0 50000000 0% /" | stand_in df
    stand_in dpkg-query << END
[ -e "$machine/installed" ] || exit 1
for package in "\${@:4}"; do echo "installed:\$package"; done
END
    stand_in apt-get << END
case "\$*" in *install*) touch "$machine/installed" ;; esac
END
    stand_in python3 << END
case "\$*" in
    *platform.machine*) echo x86_64 3 11 ;;
    "-m venv "*) mkdir -p "\$3/bin" "\$3/lib/python3.11/site-packages/torch"; echo "home = \$3" > "\$3/pyvenv.cfg"; cp "$machine/bin/python3" "\$3/bin/" ;;
    *"pip index"*) echo "Available versions: 2.14.0, 2.13.0, 2.12.1" ;;
esac
END
    stand_in cmake << END
case "\$*" in
    --build*) mkdir -p build/release/bin; printf '#!/bin/bash\necho "explorer: \$PWD \$*"\n' > build/release/bin/archscope; chmod +x build/release/bin/archscope ;;
    *) mkdir -p build/release; touch build/release/build.ninja ;;
esac
END
    echo 'echo "100% tests passed"' | stand_in ctest
}

system() {
    printf 'ID=%s\nVERSION_ID="%s"\nPRETTY_NAME="%s %s"\n' "$1" "$2" "$1" "$2" > "$machine/os-release"
}

# on_machine SCRIPT ARGUMENT...: leaves $status and the files out and err.
on_machine() {
    local script="$1"
    shift
    (cd "$machine" && env -i PATH="$machine/bin" HOME="$machine" XDG_CACHE_HOME="$machine/cache" LC_ALL=C.UTF-8 ${display:+DISPLAY=$display} \
        ARCHSCOPE_OS_RELEASE="$machine/os-release" "$machine/bin/bash" "$machine/project/packaging/$script" "$@" > out 2> err < /dev/null)
    status=$?
}

check() {
    local what="$1"
    shift
    checks=$((checks + 1))
    if ! "$@" > /dev/null 2>&1; then
        failures=$((failures + 1))
        echo "FAILED: $case: $what"
        sed 's/^/    out: /' "$machine/out"
        sed 's/^/    err: /' "$machine/err"
    fi
}
not() { ! "$@"; }
says() { grep -qF -- "$1" "$machine/out"; }
complains() { [ "$(grep -c '^archscope: ' "$machine/err")" = 1 ] && grep -F -- "$1" "$machine/err" | grep -q '^archscope: '; }
called() { grep -q -- "$1" "$machine/calls"; }
refused() {
    check "exits non-zero" [ "$status" -ne 0 ]
    check "one sentence with: $1" complains "$1"
    check "no half LibTorch" not ls -d "$machine"/cache/archscope/libtorch*
}

case="systems"
for row in "debian 11:too old" "ubuntu 22.04:too old" "fedora 41:not supported"; do
    new_machine
    system ${row%%:*}
    on_machine setup.sh
    refused "${row#*:}"
    check "${row%%:*} installs nothing" not called apt-get
done
for row in "debian 12" "debian 13" "ubuntu 24.04" "ubuntu 26.04"; do
    new_machine
    system $row
    on_machine setup.sh
    check "$row is accepted" [ "$status" -eq 0 ]
done
new_machine
rm "$machine/os-release"
on_machine setup.sh
refused "does not say what it is"

case="second time"
new_machine
on_machine setup.sh
check "first run passes" [ "$status" -eq 0 ]
check "installs packages" called "apt-get .*install .*qt6-base-dev"
check "installs LibTorch" called "pip install .*torch==2.13.0"
check "LibTorch is in its place" [ -d "$machine/cache/archscope/libtorch/lib/python3.11/site-packages/torch" ]
check "the venv names its place" grep -q "libtorch\$" "$machine/cache/archscope/libtorch/pyvenv.cfg"
check "nothing is left beside it" [ ! -e "$machine/cache/archscope/libtorch.new" ]
: > "$machine/calls"
on_machine setup.sh
check "second run passes" [ "$status" -eq 0 ]
check "asks no registry" not called "apt-get\|pip"
echo "torch==1.0" > "$machine/cache/archscope/libtorch/complete"
on_machine setup.sh
check "another version is replaced" called "pip install"

case="no root"
new_machine
echo 'echo 1000' | stand_in id
on_machine setup.sh
refused "there is no sudo"
check "names what is missing" complains "libqcustomplot-dev"
echo 'exit 1' | stand_in sudo
on_machine setup.sh
refused "sudo refused"
echo 'case "$1" in -*) exit 0 ;; esac; "$@"' | stand_in sudo
on_machine setup.sh
check "sudo installs" called "sudo env .*apt-get .*install"
check "sudo is not used for LibTorch" not called "sudo .*pip"

case="failures"
new_machine
echo 'echo "Err:1 Temporary failure resolving the-mirror"; exit 100' | stand_in apt-get
on_machine setup.sh
refused "the network cannot be reached"
check "shows the end of the log" grep -q "    .*the-mirror" "$machine/err"
new_machine
echo 'echo "E: You do not have enough free space in /var/cache/apt/archives/."; exit 100' | stand_in apt-get
on_machine setup.sh
refused "the disk is full"
new_machine
echo "echo Filesystem; echo disk 100000000 0 4000000 0% /" | stand_in df
on_machine setup.sh
refused "LibTorch needs 9 GB of disk"
new_machine
sed -i 's/"Available versions:.*"/"Available versions: 2.13.0+cpu, 2.12.1"/' "$machine/bin/python3"
echo "echo Filesystem; echo disk 100000000 0 4000000 0% /" | stand_in df
on_machine setup.sh
check "4 GB do for a wheel without CUDA" [ "$status" -eq 0 ]
new_machine
sed -i 's/\*"pip index"\*) .*/*"pip index"*) exit 1 ;;/' "$machine/bin/python3"
on_machine setup.sh
refused "the package index cannot be reached"
new_machine
sed -i 's/2\.13\.0,/2.13.01,/' "$machine/bin/python3"
on_machine setup.sh
refused "there is no torch 2.13.0"
new_machine
sed -i 's/^esac/*"pip install"*) echo "No space left on device"; exit 1 ;;\n&/' "$machine/bin/python3"
on_machine setup.sh
refused "the disk is full"

case="run.sh"
new_machine
display="" on_machine run.sh
check "without a display exits non-zero" [ "$status" -ne 0 ]
check "says so" complains "there is no display"
check "shows the command line" grep -q "archscope-cli search --space chain-cnn" "$machine/err"
check "has built" called "cmake --build --preset release .*archscope archscope-cli"
: > "$machine/calls"
display=":9" on_machine run.sh "my study.archscope"
check "opens" [ "$status" -eq 0 ]
check "with its arguments, where it was called" says "explorer: $machine my study.archscope"
check "configures once" not called "cmake --preset"
new_machine
echo 'echo "main.cpp:3: error: expected"; exit 1' | stand_in cmake
display=":9" on_machine run.sh
check "a failed build ends it" complains "this step failed"
check "shows the compiler's words" grep -q "    main.cpp:3: error" "$machine/err"
check "opens nothing" not says "explorer"

case="test.sh"
new_machine
on_machine test.sh -R lint
check "passes" [ "$status" -eq 0 ]
check "runs ctest on all cores" called "ctest --preset release --parallel $(env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc) -R lint"
echo 'exit 8' | stand_in ctest
on_machine test.sh
check "fails with ctest" [ "$status" -eq 8 ]

echo "$checks checks, $failures failed"
[ "$failures" -eq 0 ]
