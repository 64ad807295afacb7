internal import CGavelLua
internal import GavelCore
internal import Logging

/// Owns one room's engine, its rules loaded. Confined to the room's home loop.
final class ScriptEngine {
    let pointer: OpaquePointer
    let name: String
    /// The files, in the order in which they were loaded.
    let files: [String]
    /// How a call is to end that a recording tells of.
    var told: HookStop?
    private let outlines: [String: SourceOutline]

    /// - Throws: ``ScriptError`` where the file does not load in this room.
    init(
        program: ScriptProgram,
        key: RoomKey,
        paramsJSON: [UInt8],
        configuration: ScriptConfiguration,
        seed: ScriptRules.Seed,
        logger: Logger
    ) throws(ScriptError) {
        var limits = gl_limits()
        limits.instructions = UInt64(configuration.instructions)
        limits.time_ns = configuration.time.nanoseconds
        limits.memory_bytes = configuration.memoryBytes
        limits.block_bytes = configuration.blockBytes
        limits.effects = UInt32(configuration.effects)
        limits.output_bytes = configuration.outputBytes
        let secrets = RoomSecrets(seed: seed)
        let made = secrets.random.withUnsafeBytes { random in
            key.bytes.withUnsafeBufferPointer { key in
                gl_new(&limits, key.baseAddress, key.count, random.assumingMemoryBound(to: UInt64.self).baseAddress)
            }
        }
        guard let made else {
            throw ScriptError(
                kind: .memory,
                file: program.sources[0].name,
                text: "the memory of a room is too small for any rules."
            )
        }
        self.pointer = made
        self.name = program.sources[0].name
        self.files = program.sources.map(\.name)
        self.outlines = program.outlines
        gl_set_ids(made, RoomSecrets.makeID, secrets.ids)
        if configuration.countsLines, !gl_count_lines(made) {
            throw ScriptError(kind: .memory, file: self.name, text: "not enough memory to count lines.")
        }
        if configuration.showsErrors { gl_explain_rejects(made) }
        let loaded = program.withSources { sources in
            paramsJSON.withUnsafeBufferPointer { params in
                gl_load(made, sources.baseAddress, sources.count, params.baseAddress, params.count)
            }
        }
        guard loaded else {
            var error = self.lastError
            if error.kind == .module {
                error.needed = String(cString: gl_needed_file(made))
            } else {
                self.forwardLog(to: logger, key: key)
            }
            throw error
        }
        self.forwardLog(to: logger, key: key)
    }

    deinit {
        gl_free(self.pointer)
    }

    /// What failed last.
    var lastError: ScriptError {
        if let told = self.toldStop { return ScriptError(told) }
        return ScriptError(gl_last_error(self.pointer).pointee, file: self.name, outlines: self.outlines)
    }

    /// The mistake of a hook that assigns a variable outside of it, which no reload and no undoing knows of.
    /// - Parameter program: What it has loaded.
    func changedLocal(of program: ScriptProgram) -> ScriptError? {
        var found = gl_changed_local()
        guard program.withSources({ gl_find_changed_local(self.pointer, $0.baseAddress, $0.count, &found) }) else {
            return nil
        }
        return ScriptError(found, outlines: self.outlines)
    }

    /// The hook that ran last, as a designer writes it.
    var lastHook: String {
        self.toldStop?.hook ?? String(cString: gl_last_hook(self.pointer))
    }

    /// How the last call ended, if that was told.
    var toldStop: HookStop? {
        gl_stopped_as_told(self.pointer) ? self.told : nil
    }

    /// Bytes of the Lua state.
    var memoryUsed: Int {
        gl_memory_used(self.pointer)
    }

    /// Passes on what the script logged in its last call.
    func forwardLog(to logger: Logger, key: RoomKey) {
        for index in 0..<gl_log_count(self.pointer) {
            let line = gl_log_at(self.pointer, index)
            var metadata: Logger.Metadata = ["room": "\(key)", "rules": "\(self.name)"]
            if line.fields_length > 0 {
                metadata["fields"] = "\(text(line.fields, line.fields_length).onOneLine)"
            }
            logger.info("\(text(line.text, line.text_length).onOneLine)", metadata: metadata)
        }
    }
}

@available(*, unavailable)
extension ScriptEngine: Sendable {}

private func text(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> String {
    String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
}

extension String {
    /// With control characters as escapes, so that what a script or a client wrote cannot look like another log line.
    var onOneLine: String {
        func isControl(_ scalar: Unicode.Scalar) -> Bool {
            scalar != "\t" && scalar.properties.generalCategory == .control
        }
        guard self.unicodeScalars.contains(where: isControl) else { return self }
        return self.unicodeScalars.map { isControl($0) ? $0.escaped(asASCII: true) : String($0) }.joined()
    }
}

extension Duration {
    /// Whole nanoseconds, none below zero.
    fileprivate var nanoseconds: UInt64 {
        let (seconds, attoseconds) = self.components
        return seconds < 0 ? 0 : UInt64(seconds) * 1_000_000_000 + UInt64(max(0, attoseconds) / 1_000_000_000)
    }
}
