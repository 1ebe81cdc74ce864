#!/usr/bin/env python3
"""The lint catches what it is for: one violation of each rule, beside the allowed neighbour of each."""
import tempfile
import unittest
from pathlib import Path

from house_lint import House, lint
from linked_libraries import offending

TABLE = '''uses core/base=
uses core/space=core/base
uses core/ops=core/base;core/space
uses core/store=core/base
uses ui/plots=core/base
uses app/cli=core/base;core/ops
torch=core/ops
torch tests=core/ops
qt gui={gui}
'''

# (name, file, text, part of the sentence or None where it is allowed)
ROWS = [
    ('downward edge', 'core/space/a.cpp', '#include "core/base/result.h"', None),
    ('upward edge', 'core/base/a.h', '#include "core/space/domain.h"', 'core/base must not use core/space'),
    ('indented include', 'core/base/a.h', '  #  include "core/space/domain.h"', 'core/base must not use core/space'),
    ('core to ui', 'core/base/a.h', '#include "ui/plots/plot.h"', 'core/base must not use ui/plots'),
    ('own folder', 'core/space/a.cpp', '#include "core/space/domain.h"', None),
    ('folder without a row', 'core/new/a.cpp', '#include "core/base/result.h"', 'core/new has no row'),
    ('relative path', 'core/base/a.h', '#include "../space/domain.h"', 'leaves its folder upwards'),
    ('test of core uses ui', 'tests/core/space/tst_a.cpp', '#include "ui/plots/plot.h"', 'only the tests of ui'),
    ('test of ui uses ui', 'tests/ui/plots/tst_a.cpp', '#include "ui/plots/plot.h"', None),
    ('LibTorch in a source', 'core/ops/a.cpp', '#include <ATen/ATen.h>', None),
    ('LibTorch in an internal header', 'core/ops/a_torch.h', '#include <c10/core/GradMode.h>', None),
    ('LibTorch in a public header', 'core/ops/a.h', '#include <ATen/ATen.h>', 'only .cpp and *_torch.h'),
    ('internal header in a public one', 'core/ops/a.h', '#include "core/ops/b_torch.h"', 'only .cpp and *_torch.h'),
    ('LibTorch in space', 'core/space/a.cpp', '#include <ATen/ATen.h>', 'core/space must not include it'),
    ('LibTorch in ui', 'ui/plots/a.cpp', '#include <torch/types.h>', 'ui/plots must not include it'),
    ('internal header in the CLI', 'app/cli/a.cpp', '#include "core/ops/b_torch.h"', 'app/cli must not include it'),
    ('whole of LibTorch', 'core/ops/a.cpp', '#include <torch/torch.h>', '20 s'),
    ('LibTorch in a test of ops', 'tests/core/ops/tst_a.cpp', '#include <ATen/ATen.h>', None),
    ('LibTorch in a test of space', 'tests/core/space/tst_a.cpp', '#include <ATen/ATen.h>', 'ARCHSCOPE_TEST_TORCH'),
    ('ONNX beside LibTorch', 'core/ops/a.cpp', '#include <onnx/onnx_pb.h>\n#include <ATen/ATen.h>', 'ONNX and LibTorch'),
    ('QCustomPlot beside LibTorch', 'core/ops/a.cpp', '#include <qcustomplot.h>\n#include <ATen/ATen.h>',
     'QCustomPlot and LibTorch'),
    ('Qt without GUI in core', 'core/store/a.cpp', '#include <QString>\n#include <QtSql/QSqlQuery>', None),
    ('Qt GUI class in core', 'core/store/a.cpp', '#include <QColor>', 'GUI module of Qt'),
    ('Qt GUI module in core', 'core/store/a.cpp', '#include <QtWidgets/QLabel>', 'GUI module of Qt'),
    ('Qt GUI class in the CLI', 'app/cli/a.cpp', '#include <QColor>', 'GUI module of Qt'),
    ('Qt GUI class in ui', 'ui/plots/a.cpp', '#include <QColor>', None),
    ('nested event loop', 'ui/plots/a.cpp', 'void f()\n{\n    QCoreApplication::processEvents();\n}', 'processEvents'),
    ('blocking connection', 'ui/plots/a.cpp', 'auto c = Qt::BlockingQueuedConnection;', 'BlockingQueuedConnection'),
    ('forbidden word in comments', 'ui/plots/a.cpp', '// no processEvents\n/* nor\nBlockingQueuedConnection */', None),
]


class HouseLint(unittest.TestCase):
    def test_rows(self):
        for name, path, text, expected in ROWS:
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                root = Path(folder)
                (root / 'gui').mkdir()
                (root / 'gui' / 'QColor').touch()
                (root / path).parent.mkdir(parents=True)
                (root / path).write_text(text + '\n')
                found, count = lint(root, House(TABLE.format(gui=root / 'gui')))
                self.assertEqual(count, 1)
                if expected is None:
                    self.assertEqual(found, [])
                else:
                    self.assertEqual(len(found), 1, found)
                    self.assertIn(expected, found[0])
                    self.assertTrue(found[0].startswith(path + ':'))

    def test_line_number(self):
        house = House(TABLE.format(gui=Path(__file__).parent))
        text = '/* two\nlines */\nQCoreApplication::processEvents();\n'
        self.assertEqual([line for line, _ in house.problems('ui/plots/a.cpp', text)], [3])


class LinkedLibraries(unittest.TestCase):
    LDD = ('\tlinux-vdso.so.1 (0x1)\n\tlibQt6Core.so.6 => /usr/lib/libQt6Core.so.6 (0x2)\n'
           '\tlibQt6Gui.so.6 => /usr/lib/libQt6Gui.so.6 (0x3)\n\t/lib64/ld-linux-x86-64.so.2 (0x4)\n')

    def test_found(self):
        self.assertEqual(offending(self.LDD, ['libQt6Gui', 'libQt6Widgets']), ['libQt6Gui.so.6'])

    def test_none(self):
        self.assertEqual(offending(self.LDD, ['libQt6Widgets']), [])


if __name__ == '__main__':
    unittest.main()
