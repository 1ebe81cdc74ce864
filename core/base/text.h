// Words and numbers as people read them. The same formatting in the explorer, the command line and the reports.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace archscope {

/// "1,531,546": groups of three, for whole numbers of any size.
std::string groupDigits(std::string_view digits);
std::string groupDigits(std::int64_t number);
/// "1.53 M", "220 k", "73": three sensible digits with an SI prefix and a unit ("FLOPs") if given.
std::string siNumber(double number, std::string_view unit = {});
/// "0.9872": significant digits without trailing noise; "n/a" for NaN.
std::string plainNumber(double number, int digits = 4);
/// "850 ms", "12 s", "4 min 10 s", "12 min", "3 h 5 min", "2 days".
std::string durationText(double seconds);
/// "12.3 MB".
std::string byteText(double bytes);

/// The candidate nearest to `name` by edit distance, or empty when none is near (over a third of the letters differ).
std::string nearestName(std::string_view name, std::span<const std::string> candidates);
/// "unknown preset 'chain-cn'; did you mean 'chain-cnn'? Known: …"
std::string unknownName(std::string_view kind, std::string_view name, std::span<const std::string> candidates);

std::vector<std::string> split(std::string_view text, char separator);
std::string_view trimmed(std::string_view text);
std::string joined(std::span<const std::string> parts, std::string_view separator);

/// Whole-text number parsing in the C locale; false when anything but a finite number stands there.
bool parseNumber(std::string_view text, double& number);
bool parseInteger(std::string_view text, std::int64_t& number);

} // namespace archscope
