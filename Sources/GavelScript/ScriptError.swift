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
        /// It had too many effects in one hook.
        case effects
        /// It requires a module that was not there when it was checked.
        case module
        /// The file could not be read.
        case file
        /// A test did not find what it expects.
        case test
    }

    package var kind: Kind
    /// The file as the script's own errors name it.
    package var file: String
    /// Counted from 1; `nil`: not known.
    package var line: Int?
    /// What it is and, where that can be said, what to do. One sentence or a few.
    package var text: String
    /// `file:line in name` of each function of the rules that ran, the innermost first; perhaps empty.
    package var traceback: [String]
    /// The file that a module is to be found in, where that is what is missing.
    var needed: String?

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
    /// - Parameter outlines: Of the files, by name.
    init(_ error: gl_error, file: String, outlines: [String: SourceOutline]) {
        let kind: Kind =
            switch Int(error.kind) {
            case GL_ERROR_STEPS, GL_ERROR_TIME: .budget
            case GL_ERROR_MEMORY: .memory
            case GL_ERROR_EFFECTS: .effects
            case GL_ERROR_MODULE: .module
            case GL_ERROR_TEST: .test
            default: .script
            }
        let named = characters(error.file)
        let frames = withUnsafeBytes(of: error.frames) { frames in
            frames.bindMemory(to: gl_frame.self).prefix(Int(error.frame_count)).map(Frame.init)
        }
        var traceback = frames.map { $0.description(by: outlines) }
        if error.has_more_frames { traceback.append("…") }
        self.init(
            kind: kind,
            file: named.isEmpty ? file : named,
            line: error.line > 0 ? Int(error.line) : nil,
            text: characters(error.message) + Self.advice(error, frames, by: outlines),
            traceback: traceback
        )
    }

    init(_ local: gl_changed_local, outlines: [String: SourceOutline]) {
        let (name, file, functionLine) = (characters(local.name), characters(local.file), Int(local.function_line))
        let function = outlines[file]?.functionName(at: functionLine) ?? "the function of line \(functionLine)"
        let what =
            local.declared_line > 0 ? "a local of the file (line \(local.declared_line))" : "a local outside of hooks"
        self.init(
            kind: .script,
            file: file,
            line: Int(local.line),
            text: """
                "\(name)" is \(what), changed in \(function). It would be lost on reload and not undone on an error: \
                keep it in room.state.\(name).
                """
        )
    }

    /// What stands behind the text of a spent budget: the loop in which it was, and what to do.
    private static func advice(_ error: gl_error, _ frames: [Frame], by outlines: [String: SourceOutline]) -> String {
        let key: String
        switch Int(error.kind) {
        case GL_ERROR_STEPS: key = "instructions"
        case GL_ERROR_TIME: key = "time_budget"
        default: return ""
        }
        let loop = frames.lazy.compactMap { frame in
            outlines[frame.file]?.loop(around: frame.line, inFunctionOf: frame.functionLine).map { (frame.file, $0) }
        }.first
        var place = ""
        if let (file, line) = loop {
            place = " in the loop at \(file == frames[0].file ? "line \(line)" : "\(file):\(line)")"
        }
        return "\(place), and was undone. Do less at a time, or raise rules.\(key)."
    }

    /// The same place with another text.
    func with(_ text: String) -> Self {
        Self(kind: .script, file: self.file, line: self.line, text: text, traceback: self.traceback)
    }

    /// Where a function of the rules was.
    private struct Frame {
        let file: String
        let line: Int
        /// Where it begins; 0: it is the file's own.
        let functionLine: Int

        init(_ frame: gl_frame) {
            self.file = characters(frame.file)
            self.line = Int(frame.line)
            self.functionLine = Int(frame.function_line)
        }

        func description(by outlines: [String: SourceOutline]) -> String {
            let place = "\(self.file):\(self.line)"
            if self.functionLine == 0 { return place }
            let name = outlines[self.file]?.functionName(at: self.functionLine)
            return "\(place) in \(name ?? "the function of line \(self.functionLine)")"
        }
    }
}

/// The text in an array of C characters that ends with a zero.
private func characters<Array>(_ array: Array) -> String {
    withUnsafeBytes(of: array) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}
