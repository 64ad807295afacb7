internal import CGavelLua
internal import GavelCore
internal import Logging

/// Finds globals that nobody declared, in a file's bytecode.
struct SourceGlobals {
    private struct Use: Hashable {
        var name: String
        var line: Int
        var isSet: Bool
        var isNested: Bool
    }

    /// What is said of a name, once it was asked for.
    private var texts: [String: String?] = [:]

    mutating func problems(of file: SourceFile, chunk: gl_chunk) -> [ScriptProblem] {
        var uses: [Use] = [], chunk = chunk
        withUnsafeMutablePointer(to: &uses) { uses in
            _ = gl_visit_globals(
                &chunk,
                { uses, name, length, isSet, isNested, line in
                    let bytes = UnsafeRawBufferPointer(start: name, count: length)
                    let use = Use(
                        name: String(decoding: bytes, as: UTF8.self),
                        line: Int(line),
                        isSet: isSet,
                        isNested: isNested
                    )
                    uses!.assumingMemoryBound(to: [Use].self).pointee.append(use)
                },
                uses
            )
        }
        var seen: Set<Use> = [], problems: [ScriptProblem] = []
        for use in uses where seen.insert(use).inserted {
            guard let text = self.text(use, in: file) else { continue }
            let index = file.tokens.firstIndex { token in
                token.isName && token.line == use.line && token.text.prefix { $0 != "." && $0 != ":" } == use.name
            }
            var problem = ScriptProblem(.error, .undeclaredGlobal, file: file.name, line: use.line, text)
            problem.column = index.map { file.place($0).column }
            problems.append(problem)
        }
        return problems
    }

    private mutating func text(_ use: Use, in file: SourceFile) -> String? {
        let probe = use.isSet ? "\(use.name) = 1" : "local x = \(use.name)"
        if self.texts[probe] == nil { self.texts.updateValue(ScriptProbe.complaint(probe), forKey: probe) }
        guard let text = self.texts[probe] ?? nil else { return nil }
        if use.isSet {
            let end = " or local function \(use.name)."
            guard use.isNested, text.hasSuffix(end) else { return text }
            return text.dropLast(end.count) + " or room.state.\(use.name) if it must last."
        }
        guard !text.contains("Did you mean"), text.hasPrefix("global "),
            let meant = NearestName.of(use.name, among: file.localNames)
        else { return text }
        return "global \"\(use.name)\" is not declared. Did you mean \(meant)?"
    }
}

/// Asks the engine what it says of a statement.
enum ScriptProbe {
    /// What is wrong with it at the top of a file of rules; `nil`: nothing.
    static func complaint(_ statement: String) -> String? {
        let source = ScriptSource(name: "probe", bytes: Array("\(statement)\nreturn gavel.rules()".utf8))
        do throws(ScriptError) {
            _ = try ScriptEngine(
                program: try ScriptProgram(main: source),
                key: RoomKey("check"),
                paramsJSON: [],
                configuration: ScriptConfiguration(),
                seed: (1, 2, 3, 4),
                logger: Logger(label: "gavel.check")
            )
            return nil
        } catch {
            return error.text
        }
    }
}
