/// Numbered messages that one member is sent again, or late, from the room's history.
package struct Replay: Sendable {
    /// Whole frames in a batch that nobody writes any more.
    struct Range: Sendable {
        var batch: Batch
        var start: Int
        var end: Int
    }

    /// The first of them.
    var first: MessageID
    /// The last of them.
    var last: MessageID
    /// Filled at the end of the tick, when the history has all of them.
    var ranges: [Range] = []
}
