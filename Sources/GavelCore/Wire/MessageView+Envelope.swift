internal import CGavelJSON

/// What the relay does with a message, by its `type`.
enum MessageClass: UInt8 {
    /// For the room.
    case room
    case join
    case leave
    case ping
    /// A type of the relay's own, refused from a client.
    case reserved
}

extension MessageView {
    /// The longest `ref`, in bytes of its resolved text.
    static let referenceBytes = 64

    @inline(__always)
    func raw(_ index: UInt32) -> UnsafeRawBufferPointer {
        let token = self.tape[Int(index)]
        return UnsafeRawBufferPointer(rebasing: self.text[Int(token.start)..<Int(token.end)])
    }

    /// The `ref` as it was sent, JSON text; empty where there is none.
    var reference: UnsafeRawBufferPointer {
        self.envelope.ref == 0 ? .empty : self.raw(self.envelope.ref)
    }

    /// The resolved bytes of a string token.
    func string(_ index: UInt32) -> [UInt8] {
        var token = self.tape[Int(index)]
        let capacity = Int(token.end - token.start)
        return [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
            count = gj_unescape(self.bytes, &token, target.baseAddress, capacity)
        }
    }

    /// Of a message whose envelope was found sound.
    package var type: String { String(decoding: self.string(self.envelope.type), as: UTF8.self) }

    var bytes: UnsafePointer<UInt8> {
        self.text.baseAddress!.assumingMemoryBound(to: UInt8.self)
    }

    /// Checks what every message must have: one `type`, a string that is not empty, and a sound `ref` if any.
    @inline(__always)
    func checkEnvelope() -> MessageError? {
        if self.envelope.repeated { return .repeated }
        guard self.envelope.type != 0 else { return .noType }
        let type = self.tape[Int(self.envelope.type)]
        guard type.kind == UInt8(GJ_STRING), type.end - type.start > 2 else { return .noType }
        return self.envelope.ref == 0 || self.hasSoundReference ? nil : .badReference
    }

    /// Whether there is a `ref`, a string of at most 64 bytes or an integer.
    var hasSoundReference: Bool {
        guard self.envelope.ref != 0 else { return false }
        let token = self.tape[Int(self.envelope.ref)]
        switch Int(token.kind) {
        case GJ_NUMBER: return token.flags & UInt8(GJ_INTEGER) != 0 && token.end - token.start <= 20
        case GJ_STRING: return self.string(self.envelope.ref).count <= Self.referenceBytes
        default: return false
        }
    }

    /// Whether its type is that of a join, whatever else is wrong with it.
    var isJoin: Bool {
        guard self.envelope.type != 0 else { return false }
        let token = self.tape[Int(self.envelope.type)]
        return token.kind == UInt8(GJ_STRING) && token.end - token.start > 2 && self.classify() == .join
    }

    /// The class of a message whose envelope was found sound.
    @inline(__always)
    func classify() -> MessageClass {
        let token = self.tape[Int(self.envelope.type)]
        if token.flags & UInt8(GJ_ESCAPED) != 0 { return self.classifyEscaped() }
        let type = self.text[Int(token.start) + 1..<Int(token.end) - 1]
        return Self.classify(UnsafeRawBufferPointer(rebasing: type))
    }

    private func classifyEscaped() -> MessageClass {
        self.string(self.envelope.type).withUnsafeBytes { Self.classify($0) }
    }

    @inline(__always)
    private static func classify(_ type: UnsafeRawBufferPointer) -> MessageClass {
        // Every word of the relay begins with one of these.
        switch type[0] {
        case UInt8(ascii: "j"), UInt8(ascii: "l"), UInt8(ascii: "g"), UInt8(ascii: "e"), UInt8(ascii: "r"),
            UInt8(ascii: "s"), UInt8(ascii: "c"):
            return self.classifyWord(type)
        default:
            return .room
        }
    }

    private static func classifyWord(_ type: UnsafeRawBufferPointer) -> MessageClass {
        func equals(_ word: StaticString) -> Bool {
            type.elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
        }
        if equals("join") { return .join }
        if equals("leave") { return .leave }
        if equals("gavel.ping") { return .ping }
        if type.starts(with: "gavel.".utf8) { return .reserved }
        let words: [StaticString] = [
            "joined", "error", "reply", "snapshot", "client_joined", "client_left", "left", "closing",
        ]
        return words.contains(where: equals) ? .reserved : .room
    }
}
