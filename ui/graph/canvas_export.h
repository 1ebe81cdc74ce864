// The drawn block as a picture: SVG, PNG and PDF files, and paper. What is selected, hovered or found does not show.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QString>

class QPrinter;

namespace archscope::ui {

class SpaceScene;

enum class PictureFormat { Svg, Png, Pdf };

/// By the name's ending; SVG for others.
PictureFormat pictureFormatOf(const QString& fileName);
/// The scene in today's colours (paper: the light ones), as a file's content.
Result<QByteArray> renderedCanvas(SpaceScene& scene, PictureFormat format, const QString& title);
/// One page, as large as fits.
void printCanvas(SpaceScene& scene, QPrinter& printer);

} // namespace archscope::ui
