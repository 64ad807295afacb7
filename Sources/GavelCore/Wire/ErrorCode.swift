/// The `code` of an `error` message.
package enum ErrorCode: UInt8, Sendable, CaseIterable {
    case badJSON
    case badMessage
    case tooLarge
    case notJoined
    case unknownType
    case reservedType
    case rejected
    case rulesFailed
    case rateLimited
    case roomFull
    case locked
    case forbidden
    case unavailable

    package var text: StaticString {
        switch self {
        case .badJSON: "bad_json"
        case .badMessage: "bad_message"
        case .tooLarge: "too_large"
        case .notJoined: "not_joined"
        case .unknownType: "unknown_type"
        case .reservedType: "reserved_type"
        case .rejected: "rejected"
        case .rulesFailed: "rules_failed"
        case .rateLimited: "rate_limited"
        case .roomFull: "room_full"
        case .locked: "locked"
        case .forbidden: "forbidden"
        case .unavailable: "unavailable"
        }
    }

    /// Whether the same message may be taken later.
    package var isTemporary: Bool {
        switch self {
        case .rateLimited, .roomFull, .locked, .unavailable: true
        default: false
        }
    }

    /// Whether it counts towards ``RelayLimits/badMessages``.
    package var isMalformed: Bool {
        switch self {
        case .badJSON, .badMessage, .tooLarge: true
        default: false
        }
    }
}

/// An error to one client: its code and, for people, what was wrong.
package struct MessageError: Error, Sendable {
    package var code: ErrorCode
    package var message: StaticString
    /// When trying again may help, in milliseconds.
    package var retryAfterMilliseconds: UInt64?

    package init(_ code: ErrorCode, _ message: StaticString, retryAfterMilliseconds: UInt64? = nil) {
        self.code = code
        self.message = message
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }
}

extension MessageError {
    static let badJSON = MessageError(.badJSON, "This is not JSON.")
    static let notObject = MessageError(.badMessage, "A message is a JSON object.")
    static let tooDeep = MessageError(.badMessage, "This is nested too deep.")
    static let repeated = MessageError(.badMessage, "One of type, room, ref, token and resume is given twice.")
    static let noType = MessageError(.badMessage, "A message has a type, a string that is not empty.")
    static let badReference = MessageError(.badMessage, "ref is a string of at most 64 bytes, or an integer.")
    static let badRoom = MessageError(.badMessage, "room is a string of 1 to 128 bytes without control characters.")
    static let badName = MessageError(.badMessage, "name is a string, and not too long.")
    static let badHistory = MessageError(.badMessage, "history is a count of messages.")
    static let badResume = MessageError(.badMessage, "resume is true, or an object with session, epoch and msg_id.")
    static let notJoined = MessageError(.notJoined, "Join a room first.")
    static let reservedType = MessageError(.reservedType, "That type belongs to the relay.")
    static let unknownType = MessageError(.unknownType, "This room knows no message of that type.")
    static let schemaUnmet = MessageError(.badMessage, "This is not what the room's rules expect.")
    static let typeLimited = MessageError(.rateLimited, "Too many messages of that type.")
    static let tooLarge = MessageError(.tooLarge, "The message is larger than the room admits.")
    static let rejected = MessageError(.rejected, "The room's rules refused it.")
    static let rulesFailed = MessageError(
        .rulesFailed,
        "The room's rules failed on this message; nothing of it was sent."
    )
    static let roomFull = MessageError(.roomFull, "The room has as many clients as it admits.")
    static let locked = MessageError(.locked, "The room takes nobody in for now.")
    static let unlisted = MessageError(.forbidden, "There are no rooms of this name.")
    static let rulesUnavailable = MessageError(.unavailable, "The room's rules could not be started.")
    static let rulesSwitchedOff = MessageError(.unavailable, "The room's rules failed too often and are switched off.")
    static let logUnavailable = MessageError(.unavailable, "The room cannot be taken up again now.")
    static let closed = MessageError(.unavailable, "The room's rules have closed it.")
    static let tooManyRooms = MessageError(.unavailable, "The relay has as many rooms as it admits.")
    static let draining = MessageError(.unavailable, "The relay is going away.")
}
