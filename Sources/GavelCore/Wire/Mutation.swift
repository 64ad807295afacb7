#if GAVEL_MUTATIONS
    internal import Foundation

    /// Deliberate faults by which the test suite is itself tested: in a debug build the environment variable
    /// `GAVEL_MUTATION` names one, and the suite must then fail. Release builds have none.
    enum Mutation {
        private static let active = ProcessInfo.processInfo.environment["GAVEL_MUTATION"]
        private static let breaksNumbering = active == "numbering"

        static let stripsStamp = active != "stamping"
        static let reservesTypes = active != "reserved-types"
        static let limitsSlowClients = active != "slow-clients"

        static func number(_ id: MessageID) -> MessageID {
            breaksNumbering && id % 5 == 0 ? id + 1 : id
        }
    }
#else
    /// Where the test suite can put deliberate faults; see the other branch. Here there are none.
    enum Mutation {
        static var stripsStamp: Bool { true }
        static var reservesTypes: Bool { true }
        static var limitsSlowClients: Bool { true }

        @inline(__always)
        static func number(_ id: MessageID) -> MessageID { id }
    }
#endif
