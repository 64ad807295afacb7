internal import CGavelLua
package import GavelCore
package import Logging

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Loads files of rules.
package enum ScriptRules {
    /// Four random words, from which a room's `math.random` starts.
    package typealias Seed = (UInt64, UInt64, UInt64, UInt64)

    /// Where seeds come from when nobody says otherwise.
    package static let systemSeed: @Sendable () -> Seed = {
        var generator = SystemRandomNumberGenerator()
        return (generator.next(), generator.next(), generator.next(), generator.next())
    }

    /// Reads, compiles and tries a file. Blocks on the file; call it at start, not on a loop.
    /// - Parameters:
    ///   - path: The file; its last component names it in errors.
    ///   - paramsJSON: The room's params as a JSON object, or empty.
    ///   - seed: Called once for each room, on its home loop.
    /// - Throws: ``ScriptError``: unreadable, above 100 KiB, or a mistake found while loading.
    package static func load(
        path: String,
        paramsJSON: [UInt8] = [],
        configuration: ScriptConfiguration = ScriptConfiguration(),
        logger: Logger,
        seed: @escaping @Sendable () -> Seed = Self.systemSeed
    ) throws(ScriptError) -> ScriptRulesProvider {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return try self.load(
            source: try self.read(path, name: name),
            name: name,
            paramsJSON: paramsJSON,
            configuration: configuration,
            logger: logger,
            seed: seed
        )
    }

    /// As ``load(path:paramsJSON:configuration:logger:seed:)``, of text at hand.
    /// - Parameter name: At most 59 bytes; names the text in errors.
    package static func load(
        source: [UInt8],
        name: String,
        paramsJSON: [UInt8] = [],
        configuration: ScriptConfiguration = ScriptConfiguration(),
        logger: Logger,
        seed: @escaping @Sendable () -> Seed = Self.systemSeed
    ) throws(ScriptError) -> ScriptRulesProvider {
        let provider = ScriptRulesProvider(
            name: name,
            chunk: try ScriptChunk(source: source, name: name),
            paramsJSON: paramsJSON,
            configuration: configuration,
            logger: logger,
            seed: seed
        )
        _ = try provider.makeEngine(for: RoomKey("check"))
        return provider
    }

    private static func read(_ path: String, name: String) throws(ScriptError) -> [UInt8] {
        guard let file = fopen(path, "rb") else {
            throw ScriptError(
                kind: .file,
                file: name,
                text: "\(path) cannot be read: \(String(cString: strerror(errno)))."
            )
        }
        defer { fclose(file) }
        let limit = Int(GL_SOURCE_BYTES) + 1
        let source = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = fread(buffer.baseAddress, 1, limit, file)
        }
        if ferror(file) != 0 {
            throw ScriptError(kind: .file, file: name, text: "\(path) cannot be read. Is it a file?")
        }
        return source
    }
}

/// One version of a file of rules, compiled, from which each room gets its own engine.
package struct ScriptRulesProvider: RulesProvider {
    package let name: String
    let chunk: ScriptChunk
    let paramsJSON: [UInt8]
    let configuration: ScriptConfiguration
    let logger: Logger
    let seed: @Sendable () -> ScriptRules.Seed

    package func makeRules(for key: RoomKey) throws -> any RoomRules {
        do {
            return ScriptRoomRules(engine: try self.makeEngine(for: key), key: key, logger: self.logger)
        } catch {
            self.logger.error("rules did not start", metadata: ["room": "\(key)", "error": "\(error)"])
            throw error
        }
    }

    func makeEngine(for key: RoomKey) throws(ScriptError) -> ScriptEngine {
        try ScriptEngine(
            chunk: self.chunk,
            name: self.name,
            key: key,
            paramsJSON: self.paramsJSON,
            configuration: self.configuration,
            seed: self.seed(),
            logger: self.logger
        )
    }
}

/// Compiled source: bytecode that this process made, which alone is safe to load.
struct ScriptChunk: Sendable {
    let bytes: [UInt8]
    let lastLine: Int32

    init(source: [UInt8], name: String) throws(ScriptError) {
        var chunk = gl_chunk()
        var error = gl_error()
        let compiled = source.withUnsafeBufferPointer {
            gl_compile(name, $0.baseAddress, $0.count, &chunk, &error)
        }
        guard compiled else { throw ScriptError(error, file: name) }
        defer { free(chunk.bytes) }
        self.bytes = Array(UnsafeBufferPointer(start: chunk.bytes, count: chunk.length))
        self.lastLine = chunk.last_line
    }
}
