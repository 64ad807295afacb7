import Foundation

/// Latencies over the share of messages that do not exceed them, towards the rare ones ever more closely: at 0, 90 %,
/// 99 %, 99.9 % and so on, as far as there are messages for, and at places between.
package struct LatencyCurve: Sendable, Equatable {
    /// Places between two nines.
    static let places = 50
    /// How far it goes: one nine is 90 %, two are 99 %.
    let nines: Int
    /// ``places`` for each nine, and the last.
    let values: [Duration]

    /// - Parameters:
    ///   - count: Of messages, at least one.
    ///   - value: The latency that a share of the messages, from 0 to 1, does not exceed.
    init(count: UInt64, value: (Double) -> Duration) {
        let nines = max(1, min(6, String(count).count - 1))
        self.nines = nines
        self.values = (0...nines * Self.places).map { value(1 - pow(10, -Double($0) / Double(Self.places))) }
    }

    /// The latency at a place from 0 to 1 of the curve's length.
    func value(at place: Double) -> Duration {
        self.values[Int((place * Double(self.values.count - 1)).rounded())]
    }
}
