package import GavelCore

/// What a file of tests plays with: it answers each call that a test makes.
package protocol TestHost: AnyObject {
    func answer(_ call: TestCall) -> TestAnswer

    /// Called after a run, with each line that the test printed.
    func printed(_ line: String)
}

/// A function that a test calls, or a field that it reads.
package struct TestCall {
    /// What has it.
    package enum Receiver {
        case gavel
        /// What `gavel.test` returned.
        case file(Int)
        case test
        case client(Int)
        case room(Int)
    }

    package var receiver: Receiver
    package var name: String
    package var isField: Bool
    /// A JSON array; clients stand in it as null.
    package var arguments: [UInt8]
    /// Of each argument: which client it is, if it is one.
    package var clients: [Int?]
    package var place: TestPlace
}

/// Where something stands in a file of tests, or in a module of it.
package struct TestPlace: Hashable, Sendable, CustomStringConvertible {
    package var file: String
    /// Counted from 1; 0: not known.
    package var line: Int

    package init(file: String, line: Int) {
        self.file = file
        self.line = line
    }

    package var description: String { self.line > 0 ? "\(self.file):\(self.line)" : self.file }
}

package enum TestAnswer {
    case nothing
    /// One value.
    case json([UInt8])
    case file(Int)
    case client(Int)
    case room(Int)
    /// What a room's rules keep: `room.state`, or what they keep of a client; `nil` rules: nothing.
    case state(of: ScriptRoomRules?, client: ClientID?)
    /// Ends the test, which cannot catch it; the text says what for.
    case failure(String)
}
