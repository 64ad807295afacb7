internal import CGavelJSON

/// A message as a client received it, with what tests ask of it.
package struct ReceivedMessage: Sendable, CustomStringConvertible {
    package let text: [UInt8]
    package private(set) var type = ""
    /// Whether `client_id` or `msg_id` stands there twice, so that readers may disagree about it.
    package private(set) var repeatsStamp = false
    private var numbers: [String: Int64] = [:]
    private var strings: [String: String] = [:]

    /// Reads the top level of a JSON object; `nil` where it is none.
    package init?(text: [UInt8]) {
        self.text = text
        let capacity = gj_tape_capacity(text.count)
        var envelope = gj_envelope()
        let tape = [gj_token](unsafeUninitializedCapacity: capacity) { target, count in
            count = max(0, Int(gj_scan(text, text.count, target.baseAddress, capacity, 64, &envelope, nil)))
        }
        guard !tape.isEmpty else { return nil }
        var index = 1
        while index < tape.count {
            let key = Self.string(text, tape[index])
            let value = tape[index + 1]
            if key == "client_id" || key == "msg_id", self.numbers[key] != nil { self.repeatsStamp = true }
            if value.kind == UInt8(GJ_STRING) {
                self.strings[key] = Self.string(text, value)
            } else if value.kind == UInt8(GJ_NUMBER) {
                var token = value
                var number: Int64 = 0
                if gj_integer(text, &token, &number) { self.numbers[key] = number }
            }
            index = Int(tape[index].next)
        }
        self.type = self.strings["type"] ?? ""
    }

    private static func string(_ text: [UInt8], _ token: gj_token) -> String {
        var token = token
        let capacity = Int(token.end - token.start)
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
            count = gj_unescape(text, &token, target.baseAddress, capacity)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The number in a top-level member, `nil` where there is none.
    package subscript(number member: String) -> Int64? { self.numbers[member] }

    /// The string in a top-level member, `nil` where there is none.
    package subscript(member: String) -> String? { self.strings[member] }

    package var description: String { String(decoding: self.text, as: UTF8.self) }
}

/// Takes server frames apart.
package struct ServerFrameReader: Sendable {
    private var pending: [UInt8] = []

    package init() {}

    /// Takes more bytes; returns the frames that are whole, as opcode and payload.
    package mutating func read(_ bytes: some Sequence<UInt8>) -> [(opcode: UInt8, payload: [UInt8])] {
        self.pending.append(contentsOf: bytes)
        var frames: [(opcode: UInt8, payload: [UInt8])] = []
        var start = 0
        while self.pending.count - start >= 2 {
            var length = Int(self.pending[start + 1] & 0x7F)
            var header = 2
            let extra = length == 126 ? 2 : length == 127 ? 8 : 0
            guard self.pending.count - start >= 2 + extra else { break }
            if extra > 0 {
                length = self.pending[start + 2..<start + 2 + extra].reduce(0) { $0 << 8 | Int($1) }
                header += extra
            }
            guard self.pending.count - start >= header + length else { break }
            let payload = self.pending[start + header..<start + header + length]
            frames.append((self.pending[start] & 0x0F, Array(payload)))
            start += header + length
        }
        self.pending.removeFirst(start)
        return frames
    }

    /// Whether bytes of a frame that is not whole are left.
    package var isInsideFrame: Bool { !self.pending.isEmpty }
}
