internal import Dispatch
internal import Glibc

/// The system's word that something changed in some folders (inotify). Confined to its queue.
///
/// It is only a reason to look: which files changed, and whether they did, a ``FolderScan`` shows. So an event too
/// many does no harm, nor does the loss of some when the system's queue overflows.
final class FolderEvents {
    /// Whole writes, renames and removals; of files that begin, nothing, for they are not written yet.
    private static let mask = UInt32(
        IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF
    )

    private let descriptor: Int32
    private let source: any DispatchSourceRead
    /// Folders watched at most; more are refused as the system does it.
    private let most: Int
    private var watches: [FolderScan.FolderID: Int32] = [:]

    /// - Parameter changed: Called on the queue.
    /// - Throws: ``SystemError`` where this process may have no more of them.
    init(queue: DispatchQueue, most: Int = .max, changed: @escaping @Sendable () -> Void) throws(SystemError) {
        self.most = most
        let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError(code: errno) }
        self.descriptor = descriptor
        self.source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        self.source.setEventHandler {
            if Self.hasNews(descriptor) { changed() }
        }
        self.source.setCancelHandler { close(descriptor) }
        self.source.activate()
    }

    deinit {
        self.source.cancel()
    }

    /// Watches these folders, and no others.
    /// - Returns: Whether there was one that had not been watched.
    /// - Throws: ``SystemError`` where there are no watches left.
    func watch(_ folders: [FolderScan.FolderID: String]) throws(SystemError) -> Bool {
        for (id, watch) in self.watches where folders[id] == nil {
            inotify_rm_watch(self.descriptor, watch)
            self.watches[id] = nil
        }
        var hasNew = false
        // Those that are watched are asked for again, which does nothing: but one that was deleted, and made anew with
        // the same number, is not watched any more.
        for (id, path) in folders {
            if self.watches.count >= self.most, self.watches[id] == nil { throw SystemError(code: ENOSPC) }
            let watch = inotify_add_watch(self.descriptor, path, Self.mask)
            if watch >= 0 {
                hasNew = self.watches.updateValue(watch, forKey: id) != watch || hasNew
            } else if errno == ENOSPC || errno == ENOMEM || errno == EMFILE {
                throw SystemError(code: errno)
            }
        }
        return hasNew
    }

    /// Reads what is there, and says whether any of it is a reason to look.
    private static func hasNews(_ descriptor: Int32) -> Bool {
        var hasNews = false
        withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 8) { buffer in
            while true {
                let count = read(descriptor, buffer.baseAddress!, buffer.count)
                guard count > 0 else { return }
                let events = UnsafeRawBufferPointer(start: buffer.baseAddress, count: count)
                hasNews = self.hasNews(events) || hasNews
            }
        }
        return hasNews
    }

    /// Whether any of these is a reason to look; that the system's queue was full is one.
    static func hasNews(_ events: UnsafeRawBufferPointer) -> Bool {
        let header = MemoryLayout<inotify_event>.size
        var offset = 0
        while offset + header <= events.count {
            let event = events.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
            let end = min(events.count, offset + header + Int(event.len))
            let name = events[(offset + header)..<end].prefix { $0 != 0 }
            offset = end
            let isFolder = event.mask & UInt32(IN_ISDIR) != 0
            // A file that begins is not written yet.
            if event.mask & UInt32(IN_CREATE) != 0, !isFolder { continue }
            if !FolderScan.isIgnored(String(decoding: name, as: UTF8.self)) { return true }
        }
        return false
    }
}

@available(*, unavailable)
extension FolderEvents: Sendable {}

/// What the system said when it refused.
struct SystemError: Error, CustomStringConvertible {
    let code: Int32

    var description: String { String(cString: strerror(self.code)) }
}
