internal import CGavelLua

/// Why a file of rules did not load, or a hook failed; made to be shown to the game's designer.
package struct ScriptError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// A mistake in the script or in what it declares.
        case script
        /// It spent its steps or its time.
        case budget
        /// It spent its memory.
        case memory
        /// It sent, broadcast and kicked too often in one hook.
        case effects
        /// The file could not be read.
        case file
    }

    package var kind: Kind
    /// The file as the script's own errors name it.
    package var file: String
    /// Counted from 1; `nil`: not known.
    package var line: Int?
    /// What it is and, where that can be said, what to do. One sentence or a few.
    package var text: String
    /// `file:line` of each function of the rules that ran, the innermost first; perhaps empty.
    package var traceback: [String]

    package init(kind: Kind, file: String, line: Int? = nil, text: String, traceback: [String] = []) {
        self.kind = kind
        self.file = file
        self.line = line
        self.text = text
        self.traceback = traceback
    }

    /// `file:line: text`.
    package var description: String {
        if let line = self.line { "\(self.file):\(line): \(self.text)" } else { "\(self.file): \(self.text)" }
    }
}

extension ScriptError {
    init(_ error: gl_error, file: String) {
        let kind: Kind =
            switch Int(error.kind) {
            case GL_ERROR_STEPS, GL_ERROR_TIME: .budget
            case GL_ERROR_MEMORY: .memory
            case GL_ERROR_EFFECTS: .effects
            default: .script
            }
        let named = characters(error.file)
        self.init(
            kind: kind,
            file: named.isEmpty ? file : named,
            line: error.line > 0 ? Int(error.line) : nil,
            text: characters(error.message),
            traceback: characters(error.traceback).split(separator: "\n").map(String.init)
        )
    }
}

/// The text in an array of C characters that ends with a zero.
private func characters<Array>(_ array: Array) -> String {
    withUnsafeBytes(of: array) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}
