#!/usr/bin/env python3
"""Checks the sources against the rules of the house that a compiler does not know.

    house_lint.py ROOT TABLE

TABLE is what tests/lint/CMakeLists.txt writes from packaging/cmake/ArchscopeLayers.cmake, one `name=a;b;c` a line:
`uses core/space` names the folders that one may use directly, `torch` and `torch tests` the folders that may include
LibTorch, `qt gui` the folders of the headers of Qt's GUI modules.
"""
import re
import sys
from pathlib import Path

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]', re.MULTILINE)
COMMENTS_AND_STRINGS = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
TORCH = re.compile(r'^(ATen|c10|torch|caffe2)/|_torch\.h$')
ONNX = re.compile(r'^onnx/')
QCUSTOMPLOT = re.compile(r'(^|/)qcustomplot\.h$')
QT_GUI_MODULE = re.compile(r'^Qt(Gui|Widgets|Svg|SvgWidgets|PrintSupport|OpenGL|OpenGLWidgets)(/|$)')
# The GUI thread never waits, and never runs a nested event loop.
FORBIDDEN_WORDS = ('processEvents', 'BlockingQueuedConnection')
SOURCES = ('core', 'ui', 'app', 'tests')


class House:
    """The table, and what follows from it for one file at a time."""

    def __init__(self, table_text):
        rows = dict(line.split('=', 1) for line in table_text.splitlines() if line)
        rows = {name: [item for item in value.split(';') if item] for name, value in rows.items()}
        self.uses = {name.split(' ', 1)[1]: used for name, used in rows.items() if name.startswith('uses ')}
        self.torch = rows['torch']
        self.torch_tests = rows['torch tests']
        self.qt_gui_headers = {header.name for folder in rows['qt gui'] for header in Path(folder).iterdir()}

    def problems(self, path, text):
        """`path` is relative to the root, with slashes. Yields (line, sentence)."""
        folder = path.rpartition('/')[0]
        area = path.partition('/')[0]
        headers = []
        for match in INCLUDE.finditer(text):
            line = text.count('\n', 0, match.start(2)) + 1
            quoted, header = match.group(1) == '"', match.group(2)
            headers.append(header)
            if quoted:
                yield from self.own_include(line, area, folder, header)
            if TORCH.search(header):
                yield from self.torch_include(line, area, folder, path, header)
            if (area == 'core' or folder == 'app/cli') and self.is_qt_gui(header):
                yield line, f'{header} is of a GUI module of Qt: {folder} has no GUI types'
        has_torch = any(TORCH.search(header) for header in headers)
        if has_torch and any(ONNX.search(header) for header in headers):
            yield 1, 'includes ONNX and LibTorch: each brings its own protobuf, so keep them in separate files'
        if has_torch and any(QCUSTOMPLOT.search(header) for header in headers):
            yield 1, 'includes QCustomPlot and LibTorch: their names clash, so keep them in separate files'
        if area != 'tests':
            code = COMMENTS_AND_STRINGS.sub(lambda found: '\n' * found.group().count('\n'), text)
            for number, content in enumerate(code.split('\n'), 1):
                for word in FORBIDDEN_WORDS:
                    if re.search(rf'\b{word}\b', content):
                        yield number, f'{word} blocks a thread or nests event loops: post the result instead'

    def own_include(self, line, area, folder, header):
        if '../' in header:
            yield line, f'{header} leaves its folder upwards: write the path from the root'
            return
        used = header.rpartition('/')[0]
        used_area = used.partition('/')[0]
        if used_area not in ('core', 'ui', 'app', 'resources') or used == folder:
            return
        if area == 'tests':
            if used_area == 'ui' and not folder.startswith(('tests/ui', 'tests/bench', 'tests/support')):
                yield line, f'{folder} must not use {used}: only the tests of ui do'
        elif folder not in self.uses:
            yield line, f'{folder} has no row in packaging/cmake/ArchscopeLayers.cmake'
        elif used not in self.uses[folder]:
            yield line, f'{folder} must not use {used}: dependencies go one way (packaging/cmake/ArchscopeLayers.cmake)'

    def torch_include(self, line, area, folder, path, header):
        if header == 'torch/torch.h':
            yield line, 'torch/torch.h costs 20 s a file: ATen/ATen.h has what is needed'
        elif area == 'tests':
            if folder.partition('/')[2] not in self.torch_tests:
                yield line, f'{header} brings LibTorch: {folder} is not in ARCHSCOPE_TEST_TORCH (tests/CMakeLists.txt)'
        elif folder not in self.torch:
            yield line, f'{header} brings LibTorch: {folder} must not include it'
        elif not path.endswith(('.cpp', '_torch.h')):
            yield line, f'{header} brings LibTorch: only .cpp and *_torch.h files may include it'

    def is_qt_gui(self, header):
        return bool(QT_GUI_MODULE.search(header)) or header in self.qt_gui_headers


def lint(root, house):
    """All problems as `path:line: sentence`, and the number of files read."""
    found, count = [], 0
    for path in sorted(path for area in SOURCES for path in (root / area).rglob('*') if path.suffix in ('.h', '.cpp')):
        count += 1
        name = path.relative_to(root).as_posix()
        found += [f'{name}:{line}: {sentence}'
                  for line, sentence in house.problems(name, path.read_text(encoding='utf-8'))]
    return found, count


def main():
    root, table = map(Path, sys.argv[1:3])
    found, count = lint(root, House(table.read_text(encoding='utf-8')))
    print('\n'.join(found + [f'{count} files, {len(found)} problems']))
    return 1 if found or count == 0 else 0


if __name__ == '__main__':
    sys.exit(main())
