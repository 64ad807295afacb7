internal import CGavelJSON
internal import GavelCore
internal import Logging

extension ScriptRoomRules {
    /// What there is to tell of a hook.
    enum Trouble {
        case failure
        /// The hook ended well, what it asked to show did not.
        case snapshot
        /// What a reject undid, for those who write rules.
        case reject

        fileprivate var level: Logger.Level { self == .reject ? .warning : .error }

        fileprivate var message: String {
            switch self {
            case .failure: "a hook of the rules failed and was undone"
            case .snapshot: "a snapshot of the rules failed and was not sent"
            case .reject: "a reject undid what its hook had done"
            }
        }
    }

    /// Counts what failed, and tells the designer, unless the same was told a moment ago.
    func report(_ trouble: Trouble, client: ClientID, message: MessageView?, context: HookContext) {
        let error = self.engine.lastError
        let report = ErrorReport(
            level: trouble.level,
            message: trouble.message,
            error: error,
            hook: self.engine.lastHook
        )
        if trouble != .reject {
            self.failureCount += 1
            self.recentFailures.add(at: context.uptimeMilliseconds)
            self.lastFailure = RulesFailure(hook: report.hook, text: error.description)
        }
        let repeatsOver = self.errors.report(report, at: context.uptimeMilliseconds) {
            var metadata: Logger.Metadata = ["room": "\(self.key)"]
            if client != 0 { metadata["client_id"] = "\(client)" }
            if let message { metadata["message"] = "\(message.text.characters(atMost: 200).onOneLine)" }
            if !error.traceback.isEmpty { metadata["traceback"] = .array(error.traceback.map { "\($0)" }) }
            return metadata
        }
        if let repeatsOver { self.repeatsOver = min(self.repeatsOver, repeatsOver) }
    }

    /// Keeps text until the next that is kept, as that of a failure which is shown.
    func keepShown(_ text: [UInt8]) -> UnsafeRawBufferPointer {
        self.shown.deallocate()
        self.shown = .allocate(byteCount: text.count, alignment: 1)
        self.shown.copyBytes(from: text)
        return UnsafeRawBufferPointer(self.shown)
    }

    /// Tells how often errors of this room came again.
    func tellRepeats(_ context: HookContext) {
        self.repeatsOver = .max
        self.errors.tellRepeats(at: context.uptimeMilliseconds)
    }

    /// The member `message` of an error, valid until the next call: the error and where it was.
    func show(_ error: ScriptError) -> UnsafeRawBufferPointer {
        let name = #""message":"#
        let text = ([error.description] + error.traceback.map { "  at \($0)" }).joined(separator: "\n")
        var characters = Array(text.utf8)
        self.shown.deallocate()
        self.shown = .allocate(byteCount: name.utf8.count + 6 * characters.count + 2, alignment: 1)
        self.shown.copyBytes(from: name.utf8)
        let start = self.shown.baseAddress! + name.utf8.count
        let length = characters.withUnsafeMutableBufferPointer {
            gj_write_string($0.baseAddress, $0.count, start.assumingMemoryBound(to: UInt8.self))
        }
        return UnsafeRawBufferPointer(rebasing: self.shown[..<(name.utf8.count + length)])
    }
}

extension UnsafeRawBufferPointer {
    /// UTF-8 text, cut to whole characters.
    fileprivate func characters(atMost bytes: Int) -> String {
        var end = Swift.min(bytes, self.count)
        while end > 0, end < self.count, self[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: self[..<end], as: UTF8.self)
    }
}
