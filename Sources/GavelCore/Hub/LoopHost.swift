package import NIOCore

/// What a ``RelayLoop`` needs of the loop it runs on: the seam behind which stands an event loop, or a simulation.
package protocol LoopHost: AnyObject, Sendable {
    /// Has ``RelayLoop/tick()`` called once, after what is being read now was read.
    func scheduleTick()

    /// As ``scheduleTick()``, but after sockets have been looked at: rooms that are busy for long keep nobody waiting.
    func scheduleContinuation()

    /// Has ``RelayLoop/wake()`` called at a time, instead of at any that was named before.
    func scheduleWake(at deadline: NIODeadline)

    /// Has ``RelayLoop/receive(_:)`` called on another loop; parcels to one loop keep their order.
    func post(_ parcel: Parcel, to loop: Int)

    /// Calls a closure on the loop, later. To be called from any thread, unlike the others.
    func execute(_ body: @escaping @Sendable (RelayLoop) -> Void)
}
