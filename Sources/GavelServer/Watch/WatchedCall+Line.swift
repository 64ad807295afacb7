internal import Foundation
internal import GavelAdmin
internal import GavelCore

extension WatchLine {
    /// - Parameter most: Bytes of each text.
    init(_ call: WatchedCall, most: Int) {
        self.init(Kind(call.kind), time: Int(call.wallMilliseconds))
        self.client = call.client == 0 ? nil : Int(clamping: call.client)
        self.name = call.name.isEmpty ? nil : Self.text(call.name)
        self.type = call.kind.isMessage ? call.type : nil
        self.verdict = call.verdict.map { Verdict($0, isRefused: call.error != nil) }
        self.hook = call.failure?.hook ?? call.hook?.name
        self.place = call.hook?.place
        self.msgId = call.messageID.map { Int(clamping: $0) }
        self.recipients = call.recipients
        self.bytes = call.bytes
        self.message = call.bytes.flatMap { most == 0 ? nil : Self.text(call.message, of: $0) }
        self.effects = call.effects.isEmpty ? nil : call.effects
        if call.moreEffects > 0 { self.effects?.append("and \(call.moreEffects) more") }
        switch call.kind {
        case .began(let cause):
            self.code = "\(cause)"
            self.detail = Self.text(call.text)
        case .ended: break
        case .call(let kind):
            self.microseconds = Double(call.nanoseconds) / 1_000
            if kind == .leave { self.reason = Self.text(call.text) }
            if kind != .leave, !call.text.isEmpty { self.detail = Self.text(call.text) }
            self.setAnswer(call, most: most)
        }
    }

    private mutating func setAnswer(_ call: WatchedCall, most: Int) {
        if let error = call.error {
            let told = Told(members: call.payload)
            self.code = "\(error.code.text)"
            self.reason = told?.reason
            self.detail = told?.message ?? "\(error.message)"
            if let milliseconds = error.retryAfterMilliseconds { self.detail! += " Again in \(milliseconds) ms." }
        } else if call.payloadBytes > 0, most > 0 {
            let text = Self.text(Array(call.payload.prefix(most)), of: call.payloadBytes)
            self.answer = call.verdict == .handled && call.bytes != nil ? "{\(text)}" : text
        }
        if let failure = call.failure { self.detail = failure.text }
    }

    /// The members of an error that a room's rules gave.
    private struct Told: Decodable {
        var reason: String?
        var message: String?

        init?(members: [UInt8]) {
            guard !members.isEmpty else { return nil }
            let object = [UInt8(ascii: "{")] + members + [UInt8(ascii: "}")]
            guard let told = try? JSONDecoder().decode(Self.self, from: Data(object)) else { return nil }
            self = told
        }
    }

    /// - Parameter count: Bytes of the whole of it; `nil`: this is the whole.
    private static func text(_ bytes: [UInt8], of count: Int? = nil) -> String {
        guard let count, count > bytes.count else { return String(decoding: bytes, as: UTF8.self) }
        var end = bytes.count
        // Between two characters: the next byte is not known, so one that is not whole goes.
        while end > 0, bytes[end - 1] & 0xC0 == 0x80 { end -= 1 }
        if end > 0, bytes[end - 1] >= 0xC0 { end -= 1 } else { end = bytes.count }
        return String(decoding: bytes[..<end], as: UTF8.self) + "…"
    }
}

extension WatchLine.Kind {
    fileprivate init(_ kind: WatchedCall.Kind) {
        self =
            switch kind {
            case .began: .began
            case .ended: .ended
            case .call(let kind):
                switch kind {
                case .create: .create
                case .join: .join
                case .message: .message
                case .leave: .leave
                case .drop: .drop
                case .resume: .resume
                case .timer: .timer
                case .signal: .signal
                case .reload: .reload
                case .close: .close
                case .evaluate: .evaluate
                }
            }
    }
}

extension WatchedCall.Kind {
    fileprivate var isMessage: Bool {
        if case .call(.message) = self { true } else { false }
    }
}

extension WatchLine.Verdict {
    /// - Parameter isRefused: Whether a client's message or join is told to be so.
    fileprivate init(_ verdict: HookOutcome.Verdict, isRefused: Bool) {
        self =
            switch verdict {
            case .relay: .relayed
            case .changed: .changed
            case .handled: .handled
            case .dropped: .dropped
            case .failed: .failed
            case .rejected, .unknownType, .invalid, .limited, .switchedOff: .refused
            }
    }
}
