extension RecordedInput {
    /// Lets rules be asked what was recorded.
    /// - Returns: What the body does; `nil`: the message is none that a relay takes.
    fileprivate func withCall<Result>(_ body: (RulesCall) -> Result) -> Result? {
        let intake = Intake()
        var call = RulesCall(self.kind, client: self.client, context: self.context)
        call.reason = self.reason
        call.isRecovered = self.isRecovered
        call.signal = self.signal
        if self.kind == .join || self.kind == .message {
            guard let message = try? intake.scan(copyOf: self.message, maximumDepth: 128).get() else { return nil }
            call.message = message
        }
        return self.name.withUnsafeBytes { name in
            self.text.withUnsafeBytes { text in
                (self.moved ?? []).withUnsafeBytes { moved in
                    call.name = name
                    call.text = text
                    if self.moved != nil { call.moved = moved }
                    return body(call)
                }
            }
        }
    }

    /// What was asked, for people.
    package var question: String {
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        return switch self.kind {
        case .join: "client \(self.client) joins: \(text(self.message))"
        case .message: "client \(self.client): \(text(self.message))"
        case .leave: "client \(self.client) leaves (\(self.reason?.text ?? "lost"))"
        case .drop: "client \(self.client) loses its connection"
        case .resume: "client \(self.client) returns"
        case .signal:
            "signal \(text(self.signal?.name ?? [])) of \(self.signal?.source.description ?? ""): "
                + text(self.signal?.data ?? [])
        case .create, .timer: self.kind.rawValue
        case .close, .reload, .evaluate: "\(self.kind.rawValue) \(text(self.text))"
        }
    }
}

extension RulesTwin {
    /// Lets the rules answer what was recorded.
    /// - Parameters:
    ///   - due: When the next timer of the recorded rules was due before; see ``follow(_:answered:due:stop:)``.
    ///   - isStopped: Whether these are stopped where those were.
    /// - Returns: `nil`: it is nothing that can be asked.
    package func follow(_ input: RecordedInput, due: Int64?, isStopped: Bool) -> Step? {
        input.withCall { call in
            self.follow(call, answered: input.answer, due: due, stop: isStopped ? input.stop : nil)
        }
    }
}
