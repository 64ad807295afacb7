internal import CGavelLua
package import GavelCore

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

extension ScriptRoomRules {
    package func recordChanges() { gl_record_changes(self.engine.pointer) }

    package func takeChanges() -> UnsafeRawBufferPointer? {
        var bytes: UnsafePointer<UInt8>?
        var length = 0
        guard gl_take_changes(self.engine.pointer, &bytes, &length) else { return nil }
        return UnsafeRawBufferPointer(start: bytes, count: length)
    }

    package func copy(at uptimeMilliseconds: Int64?) -> [UInt8]? {
        var bytes: UnsafeMutablePointer<UInt8>?
        var length = 0
        let isWhole =
            if let uptimeMilliseconds {
                withUnsafePointer(to: uptimeMilliseconds) { gl_copy(self.engine.pointer, $0, &bytes, &length) }
            } else {
                gl_copy(self.engine.pointer, nil, &bytes, &length)
            }
        guard isWhole else { return nil }
        defer { free(bytes) }
        return Array(UnsafeBufferPointer(start: bytes, count: length))
    }

    /// - Throws: ``ScriptError``.
    package func restore(
        _ clients: [RestoredClient],
        copy: UnsafeRawBufferPointer?,
        changes: [UnsafeRawBufferPointer],
        context: HookContext
    ) throws {
        // One block for all names, so that each has an address for the length of the call.
        let names = clients.flatMap(\.name)
        let isRestored = names.withUnsafeBufferPointer { names in
            var start = 0
            let clients = clients.map { client in
                defer { start += client.name.count }
                let name = UnsafeBufferPointer(rebasing: names[start..<(start + client.name.count)])
                return gl_restored_client(
                    id: client.id,
                    name: gl_bytes(UnsafeRawBufferPointer(name)),
                    is_connected: client.isConnected
                )
            }
            let changes = changes.map(gl_bytes.init)
            func restore(_ copy: UnsafePointer<gl_bytes>?) -> Bool {
                gl_restore(
                    self.engine.pointer,
                    clients,
                    clients.count,
                    copy,
                    changes,
                    changes.count,
                    gl_context(context)
                )
            }
            guard let copy else { return restore(nil) }
            return withUnsafePointer(to: gl_bytes(copy)) { restore($0) }
        }
        guard isRestored else { throw self.engine.lastError }
    }
}

extension gl_bytes {
    fileprivate init(_ bytes: UnsafeRawBufferPointer) {
        self.init(bytes: bytes.assumingMemoryBound(to: UInt8.self).baseAddress, length: bytes.count)
    }
}
