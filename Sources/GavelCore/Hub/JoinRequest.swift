internal import CGavelJSON

/// A join as its connection read it.
struct JoinRequest: Sendable {
    /// What it says of a session.
    enum Resumption: Sendable {
        /// Nothing.
        case none
        /// It asks for one.
        case begin
        /// It returns to one.
        case resume(Position)
    }

    /// Where a client that returns was.
    struct Position: Sendable {
        /// The secret, as it was given out.
        var session: [UInt8]
        var epoch: [UInt8]
        /// The last number it has.
        var lastID: MessageID
    }

    var key: RoomKey
    /// UTF-8, perhaps empty.
    var name: [UInt8]
    /// How many of the latest messages it wants first.
    var history: Int
    var resumption: Resumption
    /// What another room's rules sent along, JSON; `nil`: the client came by itself.
    var moved: [UInt8]?
}

extension JoinRequest {
    /// Reads a join whose envelope was found sound.
    static func parse(_ message: MessageView, limits: RelayLimits) -> Result<JoinRequest, MessageError> {
        let room = message.envelope.room
        guard room != 0, message.tape[Int(room)].kind == UInt8(GJ_STRING) else { return .failure(.badRoom) }
        let key = RoomKey(bytes: message.string(room))
        guard key.isValid(limitBytes: limits.roomKeyBytes) else { return .failure(.badRoom) }
        guard let name = message.name(limitBytes: limits.nameBytes) else { return .failure(.badName) }
        guard let history = message.history else { return .failure(.badHistory) }
        guard let resumption = message.resumption else { return .failure(.badResume) }
        return .success(JoinRequest(key: key, name: name, history: history, resumption: resumption))
    }
}

/// What a join says besides its room; `nil`: not what it should be.
extension MessageView {
    private func isMissing(_ index: UInt32) -> Bool {
        index == 0 || self.tape[Int(index)].kind == UInt8(GJ_NULL)
    }

    fileprivate func name(limitBytes: Int) -> [UInt8]? {
        let index = self.envelope.name
        if self.isMissing(index) { return [] }
        guard self.tape[Int(index)].kind == UInt8(GJ_STRING) else { return nil }
        let name = self.string(index)
        return name.count <= limitBytes ? name : nil
    }

    /// All that is held where it asks for more.
    fileprivate var history: Int? {
        let index = self.envelope.history
        return self.isMissing(index) ? 0 : self.count(index).map { Int(clamping: $0) }
    }

    /// An integer that is not below zero; the largest stands for all above.
    private func count(_ index: UInt32) -> UInt64? {
        var token = self.tape[Int(index)]
        guard token.kind == UInt8(GJ_NUMBER), token.flags & UInt8(GJ_INTEGER) != 0,
            self.text[Int(token.start)] != UInt8(ascii: "-")
        else { return nil }
        var value: Int64 = 0
        return gj_integer(self.bytes, &token, &value) ? UInt64(value) : .max
    }

    fileprivate var resumption: JoinRequest.Resumption? {
        let index = self.envelope.resume
        if self.isMissing(index) { return JoinRequest.Resumption.none }
        switch Int(self.tape[Int(index)].kind) {
        case GJ_FALSE: return JoinRequest.Resumption.none
        case GJ_TRUE: return .begin
        case GJ_OBJECT: return self.position(index).map { .resume($0) }
        default: return nil
        }
    }

    private func position(_ object: UInt32) -> JoinRequest.Position? {
        var session: [UInt8]?
        var epoch: [UInt8]?
        var lastID: UInt64?
        var key = object + 1
        while key < self.tape[Int(object)].next {
            let value = key + 1
            let isString = self.tape[Int(value)].kind == UInt8(GJ_STRING)
            switch self.string(key) {
            case Array("session".utf8):
                guard session == nil, isString else { return nil }
                session = self.string(value)
            case Array("epoch".utf8):
                guard epoch == nil, isString else { return nil }
                epoch = self.string(value)
            case Array("msg_id".utf8):
                guard lastID == nil, let count = self.count(value) else { return nil }
                lastID = count
            default: break
            }
            key = self.tape[Int(key)].next
        }
        guard let session, let epoch, let lastID else { return nil }
        return JoinRequest.Position(session: session, epoch: epoch, lastID: lastID)
    }
}
