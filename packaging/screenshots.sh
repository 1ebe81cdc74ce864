#!/bin/bash
# Draws every panel with real content, light and dark, in two sizes, into a folder: for looking at after a change.
#
#     bash packaging/screenshots.sh [FOLDER]       (default: build/screenshots; needs a build: packaging/test.sh)
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

pictures="$(realpath -m "${1:-$archscope_root/build/screenshots}")"
mkdir -p "$pictures"
bin="$archscope_root/build/release/bin"
for program in tst_window_pictures_ui_mainwindow tst_canvas_pictures_ui_graph tst_plots_ui_plots; do
    [ -x "$bin/$program" ] || { echo "screenshots: $bin/$program is not built yet: run packaging/test.sh first" >&2; exit 1; }
    arguments=()
    [ "$program" = tst_canvas_pictures_ui_graph ] || arguments=(pictures)
    ARCHSCOPE_PICTURES="$pictures" QT_QPA_PLATFORM=offscreen "$bin/$program" "${arguments[@]}" > "$pictures/$program.log" || { cat "$pictures/$program.log"; exit 1; }
done
say "Pictures: $(find "$pictures" -name '*.png' | wc -l) in $pictures"
