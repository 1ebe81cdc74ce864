// QCustomPlot's header. It is written with Qt's keywords, which this project switches off: they are lent to it here.
#pragma once

#include <QObject>
#include <utility>

#define signals Q_SIGNALS
#define slots Q_SLOTS
#define foreach(variable, container) for (variable : std::as_const(container))
#include <qcustomplot.h>
#undef signals
#undef slots
#undef foreach
