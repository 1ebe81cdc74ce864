#include "core/base/files.h"

#include "core/base/text.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

namespace archscope {

namespace fs = std::filesystem;

namespace {
class Descriptor {
public:
    explicit Descriptor(int value) : m_value(value) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close(); }
    int value() const { return m_value; }
    int close()
    {
        const int result = m_value >= 0 ? ::close(m_value) : 0;
        m_value = -1;
        return result;
    }

private:
    int m_value;
};

std::string reason()
{
    return std::strerror(errno);
}
} // namespace

Result<std::string> readFile(const fs::path& path, std::uint64_t maxBytes)
{
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.value() < 0)
        return fail(errno == ENOENT || errno == ENOTDIR ? ErrorCode::NotFound : ErrorCode::Io, "cannot be opened: " + reason(), path.string());
    struct stat status {};
    if (::fstat(file.value(), &status) != 0)
        return fail(ErrorCode::Io, "cannot be read: " + reason(), path.string());
    if (S_ISDIR(status.st_mode))
        return fail(ErrorCode::InvalidInput, "is a folder, a file was expected", path.string());
    if (static_cast<std::uint64_t>(status.st_size) > maxBytes)
        return fail(ErrorCode::Unsupported, fmt::format("is larger than {}", byteText(static_cast<double>(maxBytes))), path.string());
    std::string bytes;
    std::array<char, 1 << 16> block{};
    bytes.reserve(static_cast<std::size_t>(status.st_size));
    for (;;) {
        const ssize_t count = ::read(file.value(), block.data(), block.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return fail(ErrorCode::Io, "cannot be read: " + reason(), path.string());
        if (count == 0)
            return bytes;
        if (bytes.size() + static_cast<std::size_t>(count) > maxBytes) // a device or a growing file
            return fail(ErrorCode::Unsupported, fmt::format("is larger than {}", byteText(static_cast<double>(maxBytes))), path.string());
        bytes.append(block.data(), static_cast<std::size_t>(count));
    }
}

Result<std::string> gunzipped(std::string bytes, std::uint64_t maxBytes)
{
    if (bytes.size() < 2 || static_cast<unsigned char>(bytes[0]) != 0x1f || static_cast<unsigned char>(bytes[1]) != 0x8b)
        return bytes;
    z_stream stream{};
    if (inflateInit2(&stream, 15 + 16) != Z_OK)
        return fail(ErrorCode::OutOfMemory, "no memory to decompress");
    const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, inflateEnd);
    std::string out;
    std::array<char, 1 << 16> block{};
    std::size_t consumed = 0;
    for (;;) {
        if (stream.avail_in == 0 && consumed < bytes.size()) {
            const std::size_t piece = std::min<std::size_t>(bytes.size() - consumed, std::size_t{1} << 30);
            stream.next_in = reinterpret_cast<Bytef*>(bytes.data() + consumed);
            stream.avail_in = static_cast<uInt>(piece);
            consumed += piece;
        }
        stream.next_out = reinterpret_cast<Bytef*>(block.data());
        stream.avail_out = static_cast<uInt>(block.size());
        const int status = inflate(&stream, Z_NO_FLUSH);
        out.append(block.data(), block.size() - stream.avail_out);
        if (out.size() > maxBytes)
            return fail(ErrorCode::Unsupported, fmt::format("decompresses to more than {}", byteText(static_cast<double>(maxBytes))));
        if (status == Z_STREAM_END) {
            const std::size_t left = stream.avail_in + (bytes.size() - consumed);
            if (left == 0)
                return out;
            if (inflateReset(&stream) != Z_OK) // members may follow one another
                return fail(ErrorCode::InvalidInput, "the gzip stream is corrupt");
        } else if (status == Z_BUF_ERROR || (status == Z_OK && stream.avail_in == 0 && consumed == bytes.size() && stream.avail_out != 0)) {
            return fail(ErrorCode::InvalidInput, "the gzip stream is truncated");
        } else if (status != Z_OK) {
            return fail(ErrorCode::InvalidInput, "the gzip stream is corrupt");
        }
    }
}

Result<std::string> readFileGunzipped(const fs::path& path, std::uint64_t maxBytes)
{
    ARCHSCOPE_ASSIGN(std::string bytes, readFile(path, maxBytes));
    auto out = gunzipped(std::move(bytes), maxBytes);
    if (!out)
        return fail(out.error().within(path.string()));
    return out;
}

Result<void> writeFileAtomically(const fs::path& path, std::string_view bytes)
{
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    std::string temporary = (folder / ("." + path.filename().string() + ".XXXXXX")).string();
    Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (file.value() < 0)
        return fail(ErrorCode::Io, "cannot be written: " + reason(), path.string());
    const auto failed = [&](const std::string& why) {
        ::unlink(temporary.c_str());
        return fail(ErrorCode::Io, "cannot be written: " + why, path.string());
    };
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t count = ::write(file.value(), bytes.data() + done, bytes.size() - done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return failed(reason());
        done += static_cast<std::size_t>(count);
    }
    struct stat old {};
    const mode_t mask = ::umask(0);
    ::umask(mask);
    const mode_t mode = ::stat(path.c_str(), &old) == 0 ? (old.st_mode & 07777) : (0666 & ~mask);
    if (::fchmod(file.value(), mode) != 0 || ::fsync(file.value()) != 0 || file.close() != 0)
        return failed(reason());
    if (::rename(temporary.c_str(), path.c_str()) != 0)
        return failed(reason());
    if (const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); directory.value() >= 0)
        ::fsync(directory.value());
    return {};
}

} // namespace archscope
