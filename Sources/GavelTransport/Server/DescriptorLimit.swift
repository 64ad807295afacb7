import Glibc

/// The number of files and sockets this process may have open (`RLIMIT_NOFILE`).
enum DescriptorLimit {
    /// What the process needs beside connections of any kind: listeners, the loops' own descriptors, files, logs.
    static let reserve = 64

    /// Connections for which `limit` descriptors are enough.
    /// - Parameter others: What other parts of the process may have open.
    static func connections(within limit: Int, others: Int) -> Int {
        max(1, limit - min(self.reserve + others, limit / 2))
    }

    /// Raises the limit as far as the system lets this process.
    /// - Returns: The limit that holds now.
    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
