internal import CGavelLua

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The text of one file of rules.
struct ScriptSource: Sendable {
    /// As errors name it, seen from the scripts folder.
    let name: String
    let bytes: [UInt8]

    init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// Reads a file, and no more of it than shows that it is too large.
    init(path: String, name: String) throws(ScriptError) {
        var status = stat()
        // Opening a pipe would wait for somebody to write.
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            throw ScriptError(kind: .file, file: name, text: "\(path) cannot be read. Is it a file?")
        }
        guard let file = fopen(path, "rb") else {
            throw ScriptError(
                kind: .file,
                file: name,
                text: "\(path) cannot be read: \(String(cString: strerror(errno)))."
            )
        }
        defer { fclose(file) }
        let limit = Int(GL_SOURCE_BYTES) + 1
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = fread(buffer.baseAddress, 1, limit, file)
        }
        if ferror(file) != 0 {
            throw ScriptError(kind: .file, file: name, text: "\(path) cannot be read. Is it a file?")
        }
        self.init(name: name, bytes: bytes)
    }
}
