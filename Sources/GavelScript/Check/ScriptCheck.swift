internal import CGavelLua
package import Logging

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Finds what is wrong with rules, all of it at once, without running a hook.
package struct ScriptCheck {
    /// What there is to say of the rules of one kind of room.
    package struct Report: Sendable {
        package var problems: [ScriptProblem] = []
        /// The files that were read, the main one first.
        package var files: [String] = []
        /// Signals that have a function, by name; what is not certain is left out.
        package var signals: [String: ScriptProblem] = [:]
        /// Names of the signals that are sent to other rooms; `nil`: there are some that the text does not show.
        package var sentSignals: Set<String>? = []
        /// Hooks for clients that lost their connection.
        package var returnHooks: [ScriptProblem] = []
        /// Whether `rules.params` says what may be set; `true` where it is not certain.
        package var declaresParams = true
    }

    private let modules: ScriptModules
    private var globals = SourceGlobals()

    /// - Parameters:
    ///   - folder: The scripts folder.
    ///   - edited: Texts that stand for what files of the folder hold, by their names.
    package init(folder: String, edited: [String: [UInt8]] = [:]) {
        self.modules = edited.isEmpty ? .folder(folder) : .edited(folder: folder, texts: edited)
    }

    /// Of texts at hand, by the names of their files.
    package init(texts: [String: [UInt8]]) {
        self.modules = .texts(texts)
    }

    /// Reads the rules and all modules that they require.
    /// - Parameter name: The main file, seen from the scripts folder.
    package mutating func rules(
        _ name: String,
        paramsJSON: [UInt8] = [],
        configuration: ScriptConfiguration = ScriptConfiguration(),
        logger: Logger
    ) -> Report {
        var report = Report()
        let files = self.read(name, into: &report)
        let outline = RulesOutline(files)
        if report.problems.contains(where: { $0.code == .syntax && $0.file == name }) { return report }
        let modules = self.modules
        func load(_ changed: [String: ScriptSource]) throws(ScriptError) {
            let modules = modules.with(changed.mapValues(\.bytes))
            guard let main = try modules.source(of: name) else { return }
            let provider = try ScriptRules.load(
                main: main,
                modules: modules,
                paramsJSON: paramsJSON,
                configuration: configuration,
                logger: logger
            )
            if changed.isEmpty {
                for file in provider.files where !report.files.contains(file) { report.files.append(file) }
            }
        }
        do throws(ScriptError) {
            try load([:])
        } catch {
            let mistakes = LoadMistakes(first: error, source: { try? modules.source(of: $0) }, load: load)
            for error in mistakes.errors {
                let isKnown = report.problems.contains { $0.file == error.file && $0.line == error.line }
                if !isKnown { report.problems.append(ScriptProblem(error, error.kind == .file ? .syntax : .load)) }
            }
        }
        for file in files { report.problems += SourceChecks(file, outline: outline).problems }
        report.problems += UnusedParts(files, outline: outline).problems
        Self.describe(files, outline, in: &report)
        report.problems = Self.distinct(report.problems)
        return report
    }

    /// Whether a file is Lua: the first mistake of its syntax.
    package func syntax(of name: String) -> ScriptProblem? {
        do throws(ScriptError) {
            guard let source = try self.modules.source(of: name) else {
                return ScriptProblem(.error, .syntax, file: name, "there is no such file.")
            }
            _ = try ScriptProgram(main: source)
            return nil
        } catch {
            return ScriptProblem(error, .syntax)
        }
    }

    /// The file and what it requires by a name that is written out, as far as they compile.
    private mutating func read(_ main: String, into report: inout Report) -> [SourceFile] {
        var files: [SourceFile] = [], waiting = [main]
        while let name = waiting.first {
            waiting.removeFirst()
            guard !report.files.contains(name), report.files.count < ScriptProgram.mostFiles else { continue }
            do throws(ScriptError) {
                guard let source = try self.modules.source(of: name) else { continue }
                report.files.append(name)
                var chunk = gl_chunk(), error = gl_error()
                let compiles = source.bytes.withUnsafeBufferPointer {
                    gl_compile(source.name, $0.baseAddress, $0.count, &chunk, &error)
                }
                guard compiles else { throw ScriptError(error, file: name, outlines: [:]) }
                defer { free(chunk.bytes) }
                let file = SourceFile(source)
                files.append(file)
                waiting += file.required
                report.problems += self.globals.problems(of: file, chunk: chunk)
            } catch {
                report.problems.append(ScriptProblem(error, .syntax))
            }
        }
        return files
    }

    private static func describe(_ files: [SourceFile], _ outline: RulesOutline, in report: inout Report) {
        guard outline.isWhole, !files.isEmpty else {
            report.sentSignals = nil
            return
        }
        report.declaresParams = outline.declaresParams
        for file in files {
            guard let sent = file.sentSignals else {
                report.sentSignals = nil
                break
            }
            report.sentSignals?.formUnion(sent)
        }
        for (name, place) in outline.signals {
            report.signals[name] = ScriptProblem(
                .warning,
                .unusedSignal,
                file: place.file,
                line: place.line,
                column: place.column,
                "signals.\(name) never runs: no rules of these rooms send that signal. Send it, or take it out."
            )
        }
        for name in ["on_drop", "on_return"] {
            guard let place = outline.events[name] else { continue }
            report.returnHooks.append(
                ScriptProblem(
                    .warning,
                    .unusedHook,
                    file: place.file,
                    line: place.line,
                    column: place.column,
                    "\(name) never runs: [rooms.resume] grace is \"off\" for these rooms. Set it, or use on_leave."
                )
            )
        }
    }

    /// Each problem once, in the order of files and lines.
    private static func distinct(_ problems: [ScriptProblem]) -> [ScriptProblem] {
        var seen: Set<ScriptProblem> = []
        return problems.filter { seen.insert($0).inserted }.enumerated().sorted { left, right in
            (left.element.file, left.element.line ?? 0, left.element.column ?? 0, left.offset)
                < (right.element.file, right.element.line ?? 0, right.element.column ?? 0, right.offset)
        }.map(\.element)
    }
}

extension SourceFile {
    /// The files of modules that `require` names with a text.
    fileprivate var required: [String] {
        self.tokens.indices.compactMap { index in
            guard self.tokens[index].text == "require" else { return nil }
            let name = self.literal(self.scopes.text(index + 1) == "(" ? index + 2 : index + 1)
            return name.map { $0.replacing(".", with: "/") + ".lua" }
        }
    }
}
