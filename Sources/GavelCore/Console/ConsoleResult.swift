/// What came of what somebody typed into a room.
package struct ConsoleResult: Hashable, Sendable {
    package struct Departure: Hashable, Sendable {
        package var client: ClientID
        package var answer: RulesAnswer
    }

    package var answer: RulesAnswer
    /// The number that a message gets; `nil`: none.
    package var messageID: MessageID?
    /// What hooks did of clients that it sent away.
    package var departures: [Departure] = []
    package var changes: [StateChange]
}
