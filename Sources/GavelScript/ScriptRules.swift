internal import GavelCore
package import Logging

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Loads files of rules.
package enum ScriptRules {
    /// Four random words, from which a room's `math.random` and `gavel.id` start.
    package typealias Seed = (UInt64, UInt64, UInt64, UInt64)

    /// Where seeds come from when nobody says otherwise.
    package static let systemSeed: @Sendable () -> Seed = {
        var generator = SystemRandomNumberGenerator()
        return (generator.next(), generator.next(), generator.next(), generator.next())
    }

    /// Milliseconds of a clock that never goes back, when nobody says otherwise.
    package static let systemUptime: @Sendable () -> Int64 = {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Reads, compiles and tries a file with its modules. Blocks on the files; call it at start, not on a loop.
    /// - Parameters:
    ///   - path: The file; where it stands in the folder, its path from there names it in errors.
    ///   - folder: The scripts folder, where modules are found; `nil`: the file's own.
    ///   - paramsJSON: The room's params as a JSON object, or empty.
    ///   - seed: Called once for each room, on its home loop.
    ///   - uptime: Milliseconds of a clock that never goes back, for how often a room that does not begin is told.
    /// - Throws: ``ScriptError``: unreadable, above 100 KiB, or a mistake found while loading.
    package static func load(
        path: String,
        folder: String? = nil,
        paramsJSON: [UInt8] = [],
        configuration: ScriptConfiguration = ScriptConfiguration(),
        logger: Logger,
        seed: @escaping @Sendable () -> Seed = Self.systemSeed,
        uptime: @escaping @Sendable () -> Int64 = Self.systemUptime
    ) throws(ScriptError) -> ScriptRulesProvider {
        let last = path.split(separator: "/").last.map(String.init) ?? path
        var folder = folder ?? String(path.dropLast(last.utf8.count))
        while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        let prefix = folder + "/"
        let name = path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : last
        return try self.load(
            main: try ScriptSource(path: path, name: name),
            modules: .folder(folder.isEmpty ? "." : folder),
            paramsJSON: paramsJSON,
            configuration: configuration,
            logger: logger,
            seed: seed,
            uptime: uptime
        )
    }

    /// As ``load(path:folder:paramsJSON:configuration:logger:seed:uptime:)``, of text at hand.
    /// - Parameters:
    ///   - name: At most 59 bytes; names the text in errors.
    ///   - modules: What `require` finds, by the name of the file, such as `lib/board.lua`.
    package static func load(
        source: [UInt8],
        name: String,
        modules: [String: [UInt8]] = [:],
        paramsJSON: [UInt8] = [],
        configuration: ScriptConfiguration = ScriptConfiguration(),
        logger: Logger,
        seed: @escaping @Sendable () -> Seed = Self.systemSeed,
        uptime: @escaping @Sendable () -> Int64 = Self.systemUptime
    ) throws(ScriptError) -> ScriptRulesProvider {
        try self.load(
            main: ScriptSource(name: name, bytes: source),
            modules: .texts(modules),
            paramsJSON: paramsJSON,
            configuration: configuration,
            logger: logger,
            seed: seed,
            uptime: uptime
        )
    }

    static func load(
        main: ScriptSource,
        modules: ScriptModules,
        paramsJSON: [UInt8],
        configuration: ScriptConfiguration,
        logger: Logger,
        seed: @escaping @Sendable () -> Seed = Self.systemSeed,
        uptime: @escaping @Sendable () -> Int64 = Self.systemUptime
    ) throws(ScriptError) -> ScriptRulesProvider {
        var program = try ScriptProgram(main: main)
        try program.findModules(in: modules) { program throws(ScriptError) in
            let engine = try ScriptEngine(
                program: program,
                key: RoomKey("check"),
                paramsJSON: paramsJSON,
                configuration: configuration,
                seed: seed(),
                logger: logger
            )
            if let error = engine.changedLocal(of: program) { throw error }
        }
        return ScriptRulesProvider(
            program: program,
            paramsJSON: paramsJSON,
            configuration: configuration,
            logger: logger,
            seed: seed,
            uptime: uptime
        )
    }
}
