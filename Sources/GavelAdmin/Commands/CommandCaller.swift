/// Who asks for a command and in which way, as far as it can be known; what acts is logged with it.
package enum CommandCaller: Hashable, Sendable, CustomStringConvertible {
    /// Over the control socket. With the system's number of the user; `nil`: not known.
    case socket(user: UInt32?)
    /// Over HTTP. With the address; `nil`: not known. Behind a proxy it is the proxy's.
    case http(address: String?)
    /// A part of this program.
    case program

    package var description: String {
        switch self {
        case .socket(let user): user.map { "socket uid \($0)" } ?? "socket"
        case .http(let address): address.map { "http \($0)" } ?? "http"
        case .program: "program"
        }
    }
}
