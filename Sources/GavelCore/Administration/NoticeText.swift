/// A message that an operator writes.
enum NoticeText {
    /// - Returns: The object as a room numbers it: `}` its last byte, without a stamp.
    /// - Throws: What is wrong with it.
    static func check(_ text: [UInt8], depth: UInt32) throws(MessageError) -> [UInt8] {
        let intake = Intake()
        let message = try intake.scan(copyOf: text, maximumDepth: depth).get()
        if let error = message.checkEnvelope() { throw error }
        guard message.classify() == .room else { throw .reservedType }
        return message.stripped.object
    }
}
