package realtime

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/centrifugal/centrifuge"
)

// redisPrefix keeps our keys apart in a Redis that others use too.
const redisPrefix = "lindu"

// sharedConfig makes a node notice a Redis that lost its history: the epoch
// has changed, clients are told to come back, and reload the truth.
func sharedConfig(c *centrifuge.Config) {
	c.ClientPresenceUpdateInterval = 5 * time.Second
	c.ClientChannelPositionCheckDelay = 3 * time.Second
	c.GetChannelMediumOptions = func(string) centrifuge.ChannelMediumOptions {
		return centrifuge.ChannelMediumOptions{SharedPositionSync: true} // one question a room, not one a socket
	}
}

// share puts rooms, history and presence into Redis.
func (h *Hub) share(address string) error {
	// The address may hold a password: it is left out of the error.
	shard, err := centrifuge.NewRedisShard(h.node, centrifuge.RedisShardConfig{Address: address})
	if err != nil {
		return fmt.Errorf("realtime: the Redis address can't be used: %s", strings.ReplaceAll(err.Error(), address, "…"))
	}
	shards := []*centrifuge.RedisShard{shard}
	broker, err := centrifuge.NewRedisBroker(h.node, centrifuge.RedisBrokerConfig{Prefix: redisPrefix, Shards: shards})
	if err != nil {
		return fmt.Errorf("realtime: redis broker: %w", err)
	}
	manager, err := centrifuge.NewRedisPresenceManager(h.node, centrifuge.RedisPresenceManagerConfig{
		Prefix: redisPrefix, Shards: shards, PresenceTTL: 20 * time.Second,
		EnableUserMapping: func(string) bool { return true }, // counting is then Redis's work
	})
	if err != nil {
		return fmt.Errorf("realtime: redis presence: %w", err)
	}
	h.node.SetBroker(broker)
	h.node.SetPresenceManager(manager)
	h.shared = &presence{node: h.node, seen: map[string]counted{}}
	return nil
}

// presence counts visitors over all nodes, asking once a second at most.
type presence struct {
	node *centrifuge.Node
	mu   sync.Mutex
	seen map[string]counted
}

type counted struct {
	n  int
	at time.Time
}

const (
	presenceFor = time.Second
	maxCounted  = 1000 // rooms remembered
)

// count is false when Redis does not answer.
func (p *presence) count(room string) (int, bool) {
	p.mu.Lock()
	c, ok := p.seen[room]
	p.mu.Unlock()
	if ok && time.Since(c.at) < presenceFor {
		return c.n, true
	}
	s, err := p.node.PresenceStats(room)
	if err != nil {
		return 0, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.seen) >= maxCounted {
		clear(p.seen)
	}
	p.seen[room] = counted{s.NumUsers, time.Now()}
	return s.NumUsers, true
}
