internal import CGavelLua
internal import GavelCore
internal import Logging

/// A file of tests and the modules that it requires, compiled. Each run has a Lua state of its own.
package struct TestScript: Sendable {
    /// What one run may spend.
    package struct Limits: Sendable {
        package var instructions = 10_000_000
        package var time: Duration = .seconds(10)
        package var memoryBytes = 64 << 20

        package init() {}
    }

    private var program: ScriptProgram
    private let limits: Limits

    /// Reads and compiles a file, and runs it as far as its tests stand there, against nothing.
    /// - Parameters:
    ///   - path: The file; where it stands in the folder, its path from there names it.
    ///   - folder: The scripts folder, in which modules are found.
    ///   - host: Answers `gavel.test` and is told each test.
    /// - Throws: ``ScriptError``: what is wrong with it.
    package init(path: String, folder: String, limits: Limits = Limits(), host: any TestHost) throws(ScriptError) {
        let prefix = folder + "/"
        let last = path.split(separator: "/").last.map(String.init) ?? path
        let name = path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : last
        try self.init(
            main: try ScriptSource(path: path, name: name),
            modules: .folder(folder),
            limits: limits,
            host: host
        )
    }

    /// As ``init(path:folder:limits:host:)``, of text at hand.
    package init(
        source: [UInt8],
        name: String,
        modules: [String: [UInt8]] = [:],
        limits: Limits = Limits(),
        host: any TestHost
    ) throws(ScriptError) {
        let main = ScriptSource(name: name, bytes: source)
        try self.init(main: main, modules: .texts(modules), limits: limits, host: host)
    }

    private init(
        main: ScriptSource,
        modules: ScriptModules,
        limits: Limits,
        host: any TestHost
    ) throws(ScriptError) {
        self.limits = limits
        self.program = try ScriptProgram(main: main)
        try self.program.findModules(in: modules) { program throws(ScriptError) in
            try Self.run(program, limits, test: 0, host: host)
        }
    }

    /// The mistakes in the writing of a file: what the compiler says.
    package static func syntaxMistake(path: String, name: String) -> ScriptError? {
        do throws(ScriptError) {
            _ = try ScriptProgram(main: try ScriptSource(path: path, name: name))
            return nil
        } catch {
            return error
        }
    }

    /// As errors name it.
    package var name: String { self.program.sources[0].name }

    /// The files it is made of, itself first.
    package var files: [String] { self.program.sources.map(\.name) }

    /// Runs a test in a new Lua state, in which the file has run before.
    /// - Parameter test: Its number in the order of the file, counted from 1.
    /// - Throws: ``ScriptError``; of kind `.test` where the host answered a call with a failure.
    package func run(_ test: Int, host: any TestHost) throws(ScriptError) {
        try Self.run(self.program, self.limits, test: test, host: host)
    }

    private static func run(
        _ program: ScriptProgram,
        _ limits: Limits,
        test: Int,
        host: any TestHost
    ) throws(ScriptError) {
        var bounds = gl_limits()
        bounds.instructions = UInt64(limits.instructions)
        bounds.time_ns = UInt64(limits.time.components.seconds) * 1_000_000_000
        bounds.memory_bytes = limits.memoryBytes
        bounds.block_bytes = 4 << 20
        let seed: [UInt64] = [1, 2, 3, 4]
        guard let engine = gl_new(&bounds, nil, 0, seed) else {
            throw ScriptError(kind: .memory, file: program.sources[0].name, text: "there is no memory for a test.")
        }
        defer { gl_free(engine) }
        let exchange = TestExchange(host)
        let ran = withExtendedLifetime(exchange) {
            program.withSources {
                let context = Unmanaged.passUnretained(exchange).toOpaque()
                return gl_run_tests(engine, $0.baseAddress, $0.count, Int32(test), TestExchange.answer, context)
            }
        }
        exchange.tellLog(of: engine)
        if ran { return }
        let name = program.sources[0].name
        var error = ScriptError(gl_last_error(engine).pointee, file: name, outlines: program.outlines)
        if error.kind == .module { error.needed = String(cString: gl_needed_file(engine)) }
        throw error
    }
}

/// Passes calls of a test on to its host. What it answers with stays valid until the next call.
private final class TestExchange {
    private let host: any TestHost
    private var bytes = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)

    init(_ host: any TestHost) {
        self.host = host
    }

    deinit {
        self.bytes.deallocate()
    }

    static let answer: gl_test_host = { context, call, answer in
        let exchange = Unmanaged<TestExchange>.fromOpaque(context!).takeUnretainedValue()
        exchange.answer(call!.pointee, &answer!.pointee)
    }

    private func answer(_ call: gl_test_call, _ answer: inout gl_test_answer) {
        switch self.host.answer(TestCall(call)) {
        case .nothing: answer.kind = Int32(GL_ANSWER_NOTHING)
        case .json(let bytes): self.set(&answer, GL_ANSWER_JSON, bytes)
        case .failure(let text): self.set(&answer, GL_ANSWER_FAILURE, Array(text.utf8))
        case .file(let number): Self.set(&answer, GL_OF_FILE, number)
        case .client(let number): Self.set(&answer, GL_OF_CLIENT, number)
        case .room(let number): Self.set(&answer, GL_OF_ROOM, number)
        case .state(let rules, let client):
            answer.kind = Int32(GL_ANSWER_STATE)
            answer.engine = rules?.engine.pointer
            answer.client = client ?? 0
        }
    }

    private func set(_ answer: inout gl_test_answer, _ kind: Int, _ bytes: [UInt8]) {
        if self.bytes.count < bytes.count {
            self.bytes.deallocate()
            self.bytes = .allocate(capacity: max(bytes.count, 4096))
        }
        _ = self.bytes.update(fromContentsOf: bytes)
        answer.kind = Int32(kind)
        answer.bytes = UnsafePointer(self.bytes.baseAddress)
        answer.length = bytes.count
    }

    private static func set(_ answer: inout gl_test_answer, _ of: Int, _ number: Int) {
        answer.kind = Int32(GL_ANSWER_OBJECT)
        answer.of = Int32(of)
        answer.number = Int64(number)
    }

    /// What the test printed.
    func tellLog(of engine: OpaquePointer) {
        for index in 0..<gl_log_count(engine) {
            let line = gl_log_at(engine, index)
            let text = UnsafeBufferPointer(start: line.text, count: line.text_length)
            self.host.printed(String(decoding: text, as: UTF8.self))
        }
    }
}

extension TestCall {
    fileprivate init(_ call: gl_test_call) {
        let number = Int(call.number)
        self.receiver =
            switch Int(call.of) {
            case GL_OF_FILE: .file(number)
            case GL_OF_TEST: .test
            case GL_OF_CLIENT: .client(number)
            case GL_OF_ROOM: .room(number)
            default: .gavel
            }
        self.name = String(cString: call.name)
        self.isField = call.is_field
        self.arguments = Array(UnsafeBufferPointer(start: call.arguments, count: call.length))
        self.clients = withUnsafeBytes(of: call.clients) { clients in
            clients.bindMemory(to: Int64.self).prefix(Int(call.count)).map { $0 == 0 ? nil : Int($0) }
        }
        let file = withUnsafeBytes(of: call.file) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        self.place = TestPlace(file: file, line: Int(call.line))
    }
}
