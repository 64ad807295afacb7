import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why a connection could not be made, or broke, in words.
enum ConnectionFailure {
    static func words(for error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { Self.words(for: $0.error) }
                ?? "the host \"\(error.host)\" has no address"
        case let error as IOError:
            // Its own description begins with the names of functions.
            strerror(error.errnoCode).map { String(cString: $0) } ?? "error \(error.errnoCode)"
        default:
            "\(error)"
        }
    }
}
