/// One mistake in a file of rules, or something that is probably one.
package struct ScriptProblem: Hashable, Sendable {
    package enum Severity: String, Sendable {
        case warning
        case error
    }

    /// What kind of problem it is: stable, for editors that treat some of them in their own way.
    package enum Code: String, Sendable, CaseIterable {
        /// The text is not Lua, or the file cannot be read.
        case syntax
        /// The file does not load: what it declares is wrong.
        case load
        case undeclaredGlobal = "undeclared-global"
        case unknownMember = "unknown-member"
        case missingColon = "missing-colon"
        case badDelay = "bad-delay"
        case unknownTimer = "unknown-timer"
        case missingType = "missing-type"
        case relayField = "relay-field"
        case relayType = "relay-type"
        case badResult = "bad-result"
        case badReject = "bad-reject"
        case snapshotChange = "snapshot-change"
        case fixedField = "fixed-field"
        case keptClient = "kept-client"
        case unknownField = "unknown-field"
        case unusedTimer = "unused-timer"
        case unusedFilter = "unused-filter"
        case unusedSignal = "unused-signal"
        case unusedHook = "unused-hook"
        case unusedFile = "unused-file"
        case unusedParams = "unused-params"
    }

    package var severity: Severity
    package var code: Code
    /// Seen from the scripts folder.
    package var file: String
    /// Counted from 1; `nil`: not known.
    package var line: Int?
    /// Counted from 1, in bytes; `nil`: not known.
    package var column: Int?
    /// What it is. What to do.
    package var message: String
    /// Of what failed while the file was loaded: where its functions were, the innermost first.
    package var traceback: [String] = []

    package init(
        _ severity: Severity,
        _ code: Code,
        file: String,
        line: Int? = nil,
        column: Int? = nil,
        _ message: String
    ) {
        self.severity = severity
        self.code = code
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    init(_ error: ScriptError, _ code: Code) {
        self.init(.error, code, file: error.file, line: error.line, error.text)
        // The place itself tells nothing more.
        let place = error.line.map { "\(error.file):\($0)" }
        self.traceback = error.traceback == [place] ? [] : error.traceback
    }
}
