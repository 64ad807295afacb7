internal import CGavelLua
internal import Crypto

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// One version of a file of rules and the modules that it requires, compiled.
struct ScriptProgram: Sendable {
    /// The most files that rules may be made of, and the most bytes of all together.
    static let mostFiles = 65
    static let mostBytes = 1 << 20

    /// The main file first, then its modules in the order in which they were found.
    private(set) var sources: [ScriptSource] = []
    /// By the name of the file.
    private(set) var outlines: [String: SourceOutline] = [:]
    /// A short hash of the names and the bytes of all files.
    var version: String { String(self.digest.prefix(10)) }
    /// All of that hash.
    private(set) var digest = ""
    private var chunks: [Chunk] = []
    /// Bytecode that this process made, which alone is safe to load, and names that end with a zero.
    private var memory: [UInt8] = []

    private struct Chunk {
        var name: Int
        var start: Int
        var length: Int
        var lastLine: Int32
    }

    init(main: ScriptSource) throws(ScriptError) {
        try self.add(main)
    }

    mutating func add(_ source: ScriptSource) throws(ScriptError) {
        var chunk = gl_chunk()
        var error = gl_error()
        let compiled = source.bytes.withUnsafeBufferPointer {
            gl_compile(source.name, $0.baseAddress, $0.count, &chunk, &error)
        }
        guard compiled else { throw ScriptError(error, file: source.name, outlines: [:]) }
        defer { free(chunk.bytes) }
        let name = self.memory.count
        self.memory += source.name.utf8
        self.memory.append(0)
        self.chunks.append(
            Chunk(name: name, start: self.memory.count, length: chunk.length, lastLine: chunk.last_line)
        )
        self.memory += UnsafeBufferPointer(start: chunk.bytes, count: chunk.length)
        self.sources.append(source)
        self.outlines[source.name] = SourceOutline(source.bytes)
        self.digest = Self.digest(of: self.sources)
    }

    /// Calls `body` with what the engine loads; valid only during the call.
    func withSources<Result>(_ body: (UnsafeBufferPointer<gl_source>) -> Result) -> Result {
        self.memory.withUnsafeBytes { memory in
            let sources = self.chunks.map { chunk in
                var source = gl_source()
                source.name = (memory.baseAddress! + chunk.name).assumingMemoryBound(to: CChar.self)
                source.chunk.bytes = UnsafeMutablePointer(
                    mutating: (memory.baseAddress! + chunk.start).assumingMemoryBound(to: UInt8.self)
                )
                source.chunk.length = chunk.length
                source.chunk.last_line = chunk.lastLine
                return source
            }
            return sources.withUnsafeBufferPointer(body)
        }
    }

    private static func digest(of sources: [ScriptSource]) -> String {
        var hash = SHA256()
        for source in sources.sorted(by: { $0.name < $1.name }) {
            hash.update(data: Array("\(source.name)\0\(source.bytes.count)\0".utf8))
            hash.update(data: source.bytes)
        }
        return hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
