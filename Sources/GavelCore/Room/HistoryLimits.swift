/// How much of its latest numbered messages a room keeps.
package struct HistoryLimits: Hashable, Sendable {
    package var messages = 1_000
    /// Of whole frames.
    package var bytes = 256 << 10
    package var age: Duration = .seconds(600)

    package init() {}

    package init(messages: Int, bytes: Int, age: Duration) {
        self.messages = messages
        self.bytes = bytes
        self.age = age
    }
}
