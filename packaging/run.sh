#!/bin/bash
# Sets up what is missing, builds, and opens the explorer. Arguments go to the explorer:
#
#     bash packaging/run.sh [STUDY_OR_SPACE_FILE]
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

invoked_from="$PWD"
bash "$archscope_root/packaging/setup.sh"
build archscope archscope-cli
cd "$invoked_from"

# Qt's own headless platforms need no display.
case "${QT_QPA_PLATFORM:-}" in
    offscreen* | minimal* | vnc* | linuxfb* | eglfs*) needs_display=no ;;
    *) needs_display=yes ;;
esac
if [ "$needs_display" = yes ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    cat >&2 << END
archscope: there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so the explorer cannot open. The command line does the same:
    $archscope_root/build/release/bin/archscope-cli search --space chain-cnn --task digits --strategy regularized-evolution --trials 40 --fidelity epochs=8 --store sqlite:first.archscope --study first
    $archscope_root/build/release/bin/archscope-cli study trials --store sqlite:first.archscope --study first
END
    exit 1
fi
say "Opening the explorer."
exec "$archscope_root/build/release/bin/archscope" "$@"
