/// What the relay is to outlive.
package enum TortureDurability: String, CaseIterable, Sendable {
    /// Everything, kill -9 too, with nothing lost.
    case strict
    /// A stop in good order; after a kill -9 the last moments may be gone, and the epoch is another.
    case relaxed
    /// Nothing: the relay has no log.
    case memory
}
